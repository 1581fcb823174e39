// The page of a picture: one texture, or tiles of a cube.
"use strict";

async function showFlat(fault) {
  document.body.classList.add("without-webgl");
  showFault(`${fault.message}: the flat picture`);
  const flat = Object.assign(new Image(), { id: "flat", alt: document.title });
  flat.src = URL.createObjectURL(await loadBlob([PAGE.flat], PAGE.mime));
  document.body.prepend(flat);
  document.body.dataset.ready = "true";
}

async function buildSphere(scene) {
  if (PAGE.kind === "tiles") {
    const load = async (name) => new Blob([await loadPart(name)], { type: PAGE.mime });
    return new CubeTiles(scene.gl, PAGE.tiles, load, () => { scene.stale = true; });
  }
  const sphere = new Equirect(scene.gl, PAGE.region);
  const picture = await createImageBitmap(await loadBlob([PAGE.flat], PAGE.mime));
  sphere.upload(fitTexture(scene.gl, picture), { mipmaps: true });
  return sphere;
}

async function show() {
  const { scene, look } = openWindow();
  scene.sphere = await buildSphere(scene);
  connectPanel(look, { turn: () => look.turning ? look.stop() : look.turn(8) }, { " ": "turn" });
  start(scene, look, () => press("turn", Boolean(look.turning)));
}
show().catch(showFlat);
