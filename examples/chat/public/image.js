const SIDES = [1600, 1200, 800, 400];
const QUALITY = 0.85;
const SHRINKABLE = /^image\/(png|jpeg|webp)$/;

/**
 * Make an image that is too large smaller. Other files stay as they are.
 *
 * @param {File} file The file
 * @param {Number} maxBytes How large it may be
 * @return {Promise<Blob>} The file or a JPEG of the same picture, which can
 *     still be too large
 * @throws {DOMException} If it is not the image that its type promises
 */
export async function shrinkImage(file, maxBytes) {
  if (!SHRINKABLE.test(file.type)) return file;

  let blob = file;

  for (const side of SIDES) {
    if (blob.size <= maxBytes) break;
    blob = await redraw(file, side);
  }

  return blob;
}

/**
 * @param {File} file An image
 * @param {Number} side The longest side of the result in pixels
 * @return {Promise<Blob>} A JPEG of the same picture
 * @throws {DOMException} If the browser cannot read the image
 */
async function redraw(file, side) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');

  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  // A JPEG has no transparency, without this it would become black.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();

  return new Promise((resolve) => {
    canvas.toBlob((blob) => resolve(blob ?? file), 'image/jpeg', QUALITY);
  });
}
