// The page's data, in parts: each is base64 in an element of this page, or a script in the folder beside it. (A page opened
// from disk may run scripts beside it, but may not read pictures and videos there into a texture.)
"use strict";

const arriving = {};
function receivePart(name, text) { arriving[name](text); }

function embeddedText(name) {
  const element = document.querySelector(`script[data-part="${name}"]`);
  return element?.textContent;
}

function scriptText(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    arriving[name] = resolve;
    script.onerror = () => reject(new Error(`${PAGE.folder}/${name}.js is missing beside this page`));
    script.onload = () => { script.remove(); delete arriving[name]; };
    script.src = `${PAGE.folder}/${name}.js`;
    document.head.append(script);
  });
}

async function loadPart(name) {
  const text = PAGE.folder ? await scriptText(name) : embeddedText(name);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

async function loadBlob(names, type, progress = () => {}) {
  const blobs = [];
  for (const name of names) {
    blobs.push(new Blob([await loadPart(name)]));
    document.querySelector(`script[data-part="${name}"]`)?.remove();
    progress(blobs.length / names.length);
  }
  return new Blob(blobs, { type });
}
