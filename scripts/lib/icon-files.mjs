/**
 * A Windows icon file with PNG pictures of 16 to 256 pixels.
 * @param {Map<number, Buffer>} pictures PNG by size
 */
export function buildIco(pictures) {
  const entries = [...pictures].filter(([size]) => size <= 256);
  const header = Buffer.alloc(6 + 16 * entries.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(entries.length, 4);
  let offset = header.length;
  entries.forEach(([size, png], index) => {
    const at = 6 + 16 * index;
    // 0 stands for 256.
    header.writeUInt8(size % 256, at);
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([header, ...entries.map(([, png]) => png)]);
}

/** Types of PNG entries by pixel size; a size may serve as the double-density picture of the half one too. */
const icnsTypes = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic13', 256],
  ['ic09', 512],
  ['ic14', 512],
  ['ic10', 1024],
];

/**
 * A macOS icon file with PNG pictures.
 * @param {Map<number, Buffer>} pictures PNG by size; 16, 32, 64, 128, 256, 512 and 1024 are needed
 */
export function buildIcns(pictures) {
  const blocks = icnsTypes.map(([type, size]) => block(type, pictures.get(size)));
  return block('icns', Buffer.concat(blocks));
}

function block(type, content) {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(content.length + 8, 4);
  return Buffer.concat([head, content]);
}
