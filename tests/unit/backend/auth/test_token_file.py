"""The file of tokens: what is read, what is refused in which words, and how one is added."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend.auth.quota import Allowance
from backend.auth.token_file import Token, add_token, digest, given_tokens, parse_tokens, read_tokens
from backend.cli import main
from backend.errors import StartupError

SECRET = "a token nobody should see"
GOOD = {"name": "blog", "token": SECRET, "scopes": ["embed"]}


def parsed(**entry: Any) -> Token:
    (token,) = parse_tokens(json.dumps({"token": [GOOD | entry]}), as_json=True)
    return token


def test_both_forms_give_the_same(tmp_path: Path) -> None:
    toml, other = tmp_path / "tokens.toml", tmp_path / "tokens.json"
    toml.write_text(
        f'# of ours\n[[token]]\nname = "blog"\nsha256 = "{digest(SECRET).hex()}"\nscopes = ["embed", "visitor"]\n'
        "expires = 2027-01-31T12:00:00Z\npages_per_minute = 30\nconnections = 10\npages = 2\n"
    )
    other.write_text(json.dumps({"token": [GOOD | {
        "scopes": ["visitor", "embed"], "expires": "2027-01-31T12:00:00Z", "pages_per_minute": 30, "connections": 10,
        "pages": 2,
    }]}))  # fmt: skip
    expires = datetime(2027, 1, 31, 12, tzinfo=UTC).timestamp()
    token = Token("blog", digest(SECRET), frozenset(("visitor", "embed")), expires, Allowance(30, 10, 2))
    assert read_tokens(toml) == read_tokens(other) == (token,)


def test_a_day_lasts_until_its_end() -> None:
    end = datetime(2027, 2, 1, tzinfo=UTC).timestamp()
    for said in ("2027-01-31", "2027-01-31T23:59:59.999999", "2027-02-01T01:59:59.999999+02:00"):
        assert parsed(expires=said).expires == pytest.approx(end, abs=1e-3)
    (token,) = parse_tokens(
        f'[[token]]\nname = "b"\ntoken = "{SECRET}"\nscopes = ["embed"]\nexpires = 2027-01-31', False
    )
    assert token.expires == pytest.approx(end, abs=1e-3)
    assert parsed().expires is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{{{SECRET}", "expected JSON, got something else at line 1"),
        (f'["{SECRET}"]', "expected nothing but a list named token"),
        (json.dumps({"tokens": [GOOD]}), "expected nothing but a list named token"),
        (json.dumps({"token": [SECRET]}), "expected token 1 to be a map"),
        (json.dumps({"token": [GOOD, GOOD]}), "expected every name once, got one twice"),
        (json.dumps({"token": [GOOD, GOOD | {"name": "b"}]}), "expected every token once, got one twice"),
    ],
)
def test_files_that_are_refused_are_not_repeated(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "tokens.json"
    file.write_text(text)
    with pytest.raises(StartupError) as caught:
        read_tokens(file)
    assert str(caught.value) == f"expected tokens in {file}: {message}"
    assert caught.value.__cause__ is None
    with pytest.raises(StartupError, match="expected tokens in SILVERPRINT_TOKENS_JSON: "):
        given_tokens(text)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"name": 5}, "a name of letters and digits other than service, embed, shell, site in token 1"),
        ({"name": SECRET}, "a name of letters and digits other than service, embed, shell, site in token 1"),
        ({"name": "service"}, "a name of letters and digits other than service, embed, shell, site in token 1"),
        ({"token": 1234567890123456789}, "a token of 16 to 256 characters in token blog"),
        ({"token": "short"}, "a token of 16 to 256 characters in token blog"),
        ({"token": None}, "either token or sha256 in token blog"),
        ({"sha256": "00" * 32}, "either token or sha256 in token blog"),
        ({"token": None, "sha256": SECRET}, "sha256 in hexadecimal in token blog"),
        ({"scopes": []}, "scopes among visitor, embed, admin in token blog"),
        ({"scopes": "embed"}, "scopes among visitor, embed, admin in token blog"),
        ({"scopes": ["root"]}, "scopes among visitor, embed, admin in token blog"),
        ({"expires": "soon"}, "expires as a date, 2027-01-31 or 2027-01-31T12:00:00Z in token blog"),
        ({"expires": 2027}, "expires as a date, 2027-01-31 or 2027-01-31T12:00:00Z in token blog"),
        ({"pages": 0}, "pages of 1 or more in token blog"),
        ({"connections": True}, "connections of 1 or more in token blog"),
        ({"pages_per_minute": "many"}, "pages_per_minute of 1 or more in token blog"),
        ({SECRET: 1}, "no other fields than name, token, sha256, scopes, expires, pages_per_minute, connections, pages in token blog"),  # noqa: E501
    ],
)  # fmt: skip
def test_entries_that_are_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        parsed(**entry)
    assert str(caught.value) == f"expected {message}"


def test_toml_that_is_none() -> None:
    with pytest.raises(ValueError, match=r"^expected TOML, got something else at line 2$") as caught:
        parse_tokens(f"# of ours\n{SECRET}\n", as_json=False)
    assert caught.value.__suppress_context__


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"expected a file of tokens, got .*nowhere.toml: No such file"):
        read_tokens(tmp_path / "nowhere.toml")


def test_what_is_known_of_a_token_does_not_print_it() -> None:
    assert digest(SECRET).hex() not in repr(parsed())
    assert SECRET not in repr(parsed())
    assert repr(digest(SECRET)) not in repr(parsed())


@pytest.mark.parametrize("name", ["tokens.toml", "tokens.json"])
def test_tokens_are_added_and_shown_once(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    made = [add_token(file, "ci", ["visitor"]), add_token(file, "blog", ["embed", "admin"], "2027-01-31")]
    first, second = read_tokens(file)
    assert [first.digest, second.digest] == [digest(token) for token in made]
    assert (first.name, first.scopes, first.expires) == ("ci", {"visitor"}, None)
    assert (second.name, second.scopes) == ("blog", {"embed", "admin"})
    assert second.expires
    assert not any(token in file.read_text() for token in made)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(StartupError, match=r"expected a name that no token in .* has, got ci"):
        add_token(file, "ci", ["visitor"])
    with pytest.raises(StartupError, match="expected expires as a date"):
        add_token(file, "other", ["visitor"], "soon")
    assert len(read_tokens(file)) == 2


def test_what_stands_in_a_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(f'# mine\n[[token]]\nname = "a"\ntoken = "{SECRET}"\nscopes = ["visitor"]')
    add_token(file, "b", ["visitor"])
    assert file.read_text().startswith("# mine\n")
    assert [token.name for token in read_tokens(file)] == ["a", "b"]
    file.write_text(f'token = [{{name = "a", token = "{SECRET}", scopes = ["visitor"]}}]')
    with pytest.raises(StartupError, match=r"expected tokens as tables \[\[token\]\] in"):
        add_token(file, "b", ["visitor"])


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SILVERPRINT_TOKENS", raising=False)
    assert main.main(["token", "new", "blog", "--scope", "embed"]) == 0
    said = capsys.readouterr()
    assert said.err == "blog is in tokens.toml; its token is shown this once:\n"
    (token,) = read_tokens(tmp_path / "tokens.toml")
    assert token.digest == digest(said.out.strip())
    monkeypatch.setenv("SILVERPRINT_TOKENS", str(tmp_path / "more.json"))
    assert main.main(["token", "new", "ci"]) == 0
    assert [one.scopes for one in read_tokens(tmp_path / "more.json")] == [{"visitor"}]
    assert main.main(["token", "new", "ci"]) == 2
    assert capsys.readouterr().err.endswith(
        f"silverprint: expected a name that no token in {tmp_path / 'more.json'} has, got ci\n"
    )
