// Every way we know to make a frame that runs script of its own, in a realm of its own. Runs in a page; `tried` tells what came of it.
const code = '<script>parent.postMessage(typeof RTCPeerConnection, "*")<' + '/script>';
const quoted = code.replaceAll('"', '&quot;');
const name = 'src' + 'doc';
const frame = () => document.body.appendChild(document.createElement('iframe'));
const attribute = () => { const made = document.createAttribute(name); made.value = code; return made };
const adopt = from => document.body.append(document.adoptNode(from.querySelector('iframe')));
const html = `<iframe ${name}="${quoted}"></iframe>`;
const xml = '<x xmlns="http://www.w3.org/1999/xhtml"><iframe ' + name + '="' + quoted.replaceAll('<', '&lt;') + '"/></x>';
const ways = {
  property: () => { frame()[name] = code },
  setAttribute: () => frame().setAttribute(name, code),
  upperCase: () => frame().setAttribute(name.toUpperCase(), code),
  setAttributeNS: () => frame().setAttributeNS(null, name, code),
  setAttributeNode: () => frame().setAttributeNode(attribute()),
  setAttributeNodeNS: () => frame().setAttributeNodeNS(attribute()),
  setNamedItem: () => frame().attributes.setNamedItem(attribute()),
  later: () => { const made = document.createAttribute(name); frame().setAttributeNode(made); made.value = code },
  innerHTML: () => { document.body.innerHTML += html },
  outerHTML: () => { document.body.appendChild(document.createElement('p')).outerHTML = html },
  insertAdjacentHTML: () => document.body.insertAdjacentHTML('beforeend', html),
  fragment: () => document.body.append(document.createRange().createContextualFragment(html)),
  parser: () => adopt(new DOMParser().parseFromString(html, 'text/html')),
  xml: () => adopt(new DOMParser().parseFromString(xml, 'text/xml')),
  inert: () => { const other = document.implementation.createHTMLDocument(''); other.body.innerHTML = html; adopt(other) },
  inertSet: () => { const made = document.implementation.createHTMLDocument('').createElement('iframe'); made.setAttribute(name, code); document.body.append(made) },
  template: () => { const made = document.createElement('template'); made.innerHTML = html; document.body.append(made.content) },
  setHTMLUnsafe: () => document.body.setHTMLUnsafe(html),
  parseHTMLUnsafe: () => adopt(Document.parseHTMLUnsafe(html)),
  execCommand: () => { document.body.contentEditable = true; document.body.focus(); document.execCommand('insertHTML', false, html); document.body.contentEditable = false },
  written: () => { const other = document.implementation.createHTMLDocument(''); other.open(); other.write(html); other.close(); adopt(other) },
  pieces: () => { for (let cut = 1; cut < name.length; cut++) {
    const other = document.implementation.createHTMLDocument(''); other.open();
    other.write('<iframe ' + name.slice(0, cut)); other.write(name.slice(cut) + '="' + quoted + '"></iframe>'); other.close(); adopt(other) } },
  letters: () => { const other = document.implementation.createHTMLDocument(''); other.open(); for (const letter of html) other.write(letter); other.close(); adopt(other) },
  lines: () => { const other = document.implementation.createHTMLDocument(''); other.open(); other.writeln('<iframe'); other.writeln(name + '="' + quoted + '"></iframe>'); other.close(); adopt(other) },
  xslt: () => { const sheet = new DOMParser().parseFromString('<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><iframe><xsl:attribute name="src{\'doc\'}">' + code.replaceAll('<', '&lt;') + '</xsl:attribute></iframe></xsl:template></xsl:stylesheet>', 'text/xml');
    const made = new XSLTProcessor(); made.importStylesheet(sheet); document.body.append(made.transformToFragment(new DOMParser().parseFromString('<a/>', 'text/xml'), document)) },
  script: () => { frame().src = 'javascript:parent.postMessage(typeof RTCPeerConnection,"*")' },
  data: () => { frame().src = 'data:text/html,' + encodeURIComponent(code) },
  blob: () => { frame().src = URL.createObjectURL(new Blob([code], { type: 'text/html' })) },
  object: () => { const made = document.createElement('object'); made.data = 'data:text/html,' + encodeURIComponent(code); document.body.append(made) },
  blank: () => { window.got = typeof frame().contentWindow.RTCPeerConnection; if (got === 'function') messages.push('blank ' + got) },
  self: () => { if (typeof RTCPeerConnection !== 'undefined') messages.push('self') },
};
const messages = [];
addEventListener('message', ({ data }) => typeof data === 'string' && messages.push(current + ' ' + data));
let current = '';
window.tried = (async () => {
  for (const [way, attempt] of Object.entries(ways)) {
    current = way;
    try { attempt() } catch {}
    await new Promise(done => setTimeout(done, 120));
  }
  return { messages, tried: Object.keys(ways).length };
})();
