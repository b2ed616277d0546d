// The data that the builder put into the page: gzip, in base64, in script elements that nothing runs. Base64 keeps
// every byte; text in a script element would change CRLF, NUL and `<`.

/** Return the bytes of the script element with this id. */
export async function unpacked(id: string): Promise<Uint8Array> {
  return gunzipped(fromBase64(document.getElementById(id)?.textContent ?? ""));
}

export function fromBase64(text: string): Uint8Array {
  const binary = atob(text.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

async function gunzipped(bytes: Uint8Array): Promise<Uint8Array> {
  if (!bytes.length) return bytes;
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** How many bytes the columns take for each line. */
export const COLUMNS_OF_A_LINE = 11;

export interface Columns {
  count: number;
  /** Ticks since the line before. */
  gaps: Uint32Array;
  lengths: Uint32Array;
  blocks: Int16Array;
  kinds: Uint8Array;
}

/** Read the columns of `count` lines: little-endian arrays, one after another. */
export function readColumns(bytes: Uint8Array, count: number): Columns {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const gaps = new Uint32Array(count);
  const lengths = new Uint32Array(count);
  const blocks = new Int16Array(count);
  for (let i = 0; i < count; i++) {
    gaps[i] = view.getUint32(4 * i, true);
    lengths[i] = view.getUint32(4 * (count + i), true);
    blocks[i] = view.getInt16(8 * count + 2 * i, true);
  }
  return { count, gaps, lengths, blocks, kinds: bytes.slice(10 * count, 11 * count) };
}
