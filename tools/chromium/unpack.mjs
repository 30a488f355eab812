// Unpacks the Chromium of the npm package into a folder: node unpack.mjs FOLDER
import { chmodSync, createReadStream, createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { extract } from "tar-fs";

const target = process.argv[2];
const packed = new URL("node_modules/@sparticuz/chromium/bin/", import.meta.url);
const open = (name) => createReadStream(new URL(name, packed));
mkdirSync(target, { recursive: true });
await pipeline(open("chromium.br"), createBrotliDecompress(), createWriteStream(`${target}/browser`));
chmodSync(`${target}/browser`, 0o755);
for (const name of ["swiftshader.tar.br", "al2023.tar.br"]) {
  await pipeline(open(name), createBrotliDecompress(), extract(target, { chown: false }));
}
// The libraries beside it stand in for those that a bare machine lacks; the machine's own come first.
writeFileSync(
  `${target}/chromium`,
  `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
ldd "$here/browser" 2>/dev/null | grep -q "not found" && export LD_LIBRARY_PATH="$here/lib:$LD_LIBRARY_PATH"
exec "$here/browser" "$@"
`,
  { mode: 0o755 },
);
