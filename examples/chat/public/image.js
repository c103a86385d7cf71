const MAX_SIDE = 1600;
const QUALITY = 0.85;
const SHRINKABLE = /^image\/(png|jpeg|webp)$/;

/**
 * Make an image that is too large smaller. Other files stay as they are.
 *
 * @param {File} file The file
 * @param {Number} maxBytes How large it may be
 * @return {Promise<Blob>} The file or a JPEG of the same picture, which can
 *     still be too large
 */
export async function shrinkImage(file, maxBytes) {
  if (file.size <= maxBytes || !SHRINKABLE.test(file.type)) return file;

  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');

  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();

  const blob = await new Promise((resolve) => {
    canvas.toBlob(resolve, 'image/jpeg', QUALITY);
  });

  return blob ?? file;
}
