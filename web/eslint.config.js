// What `make check` looks for in JavaScript beside its types, which are tsc's. The paths are relative to the repository's root.
import js from "@eslint/js";
import globals from "globals";

const CLASSIC = ["web/kit/scripts/*.js", "web/gallery/*.js", "web/static/frame/*.js", "tests/browser/*.js"];

export default [
  { ignores: ["web/static/vendor/", "web/dist/", "**/node_modules/", ".venv/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" },
    rules: {
      "array-callback-return": "error",
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-lonely-if": "error",
      "no-new-func": "error",
      "no-self-compare": "error",
      "no-throw-literal": "error",
      "no-unneeded-ternary": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_$" }],
      "no-useless-rename": "error",
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-arrow-callback": "error",
      "prefer-const": ["error", { destructuring: "all" }],
    },
  },
  // tsc checks these files, and it knows the names that files share and those of the browser.
  { files: ["web/**/*.js"], rules: { "no-undef": "off" } },
  // These files are no modules: a name at their top level is for the files beside them.
  {
    files: CLASSIC,
    languageOptions: { sourceType: "script" },
    rules: { "no-unused-vars": ["error", { vars: "local" }] },
  },
  { files: ["web/kit/scripts/*.js"], rules: { "prefer-const": "off" } },
  // This module stands in a <script>, which "</script>" in a string would end.
  { files: ["web/mcp/view.js"], rules: { "no-useless-escape": "off" } },
  {
    files: ["tests/**/*.mjs"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: { "no-new-func": "off" },
  },
  // Pages of tests try what browsers forbid, by every name and in every way.
  { files: ["tests/browser/*.js"], rules: { "no-undef": "off", "no-eval": "off", "no-implied-eval": "off", "no-empty": "off" } },
];
