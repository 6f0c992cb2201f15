/** Packed bytes, as Python's modules write them. */
const bytes = (texts) => texts.map((text) => new Uint8Array(Buffer.from(text, 'base64')));

/** By `bz2`. */
export const bzip2Files = bytes([
  'QlpoORdyRThQkAAAAAA=',
  'QlpoOTFBWSZTWUncT2MAAAGBAaAAAIAACCAAIKptQZi6g8XckU4UJBJ3E9jA',
  'QlpoOTFBWSZTWc45elIAAVORgEAAG2m2wCAAcFMABNApVEZGh6eqehPYnAmCeROhOhNxNCdifBMEwTQnImhNhMEwJ/F3JFOFCQzjl6Ug',
  'QlpoOTFBWSZTWTeNIGoAAAD////////////////////////////////////////////wMAD4zCqoYmCaYAJgCYBMAAAEwmAAIMACMAAAEyMTCYAmEwAAAAAEwjCYAaEaZoGmhoynmoKqAmAmCMAAAmTACYBNNMAABNMAAAJgAjTJiYmJowAAAAAAAA9QAA9QjJgaNI9ACbQiqTJkwCYAE0epgTJowTEyZBiNpMAmTJoMAEfqBDaDSZkAyQ0MGiegAR6CGNNJkwARgBMammCGhtIZoEzQ0SNwKjPaIzhJHgVr2H9fwIsxmz9HFHgQFFmBNop4UGJ1hYzmEurUwuXBF/eLIBRgTD3dP7TEdLko3us5MXPCUgFI1pagbwlaT/FiBqAMOX1sN4PWT258LyKCuCG+g/vDborO6QPQmGFpcGCI7w047PEAwGPN4WngGQ0vAUAuN2awC//0BpmdB9rrgqJCb6sDgFiJ8MAdPS59ECyAFliwVALb9itcF5yA3e/Euf+JBSiquyyBAqrs8rMwwwalxd5GJm4ttvf0SEEGL6wa4QBAXEH4BbeUDhE9gOvd4wc382d7XDdv93hocAkN/gCBYOIAnrGAD8IBfQIGCxYwHT2BBChQoaOGDv+AIAQXd3i7kinChIG8aQNQ',
]);
/** Members of zip archives, by `zipfile.ZIP_LZMA`: 4,096 bytes each. */
export const lzmaMembers = bytes([
  'CQQFAF0AAIAAADoaCM52x+Xp1gc0w9EOv85V4aq94R0LP9sEl1BXJnTDp6IQ9/uWYgW6mhne48+Y//85tAAA',
  'CQQFAF0AAIAAAAAAUrcv/xqEnNjUJm/sh8xX7gqjbjZ8k1Qyo2w0LE89qaP//9acAAA=',
  'CQQFAF0AAIAAAAAAU3yBe3oogHl357zcmC/QaG35ezc0r/0TU9rJMOVa1EVUCklVhJWaPamVYtZzLB6mkfY/GS/qbuy/V8d5FWHboM2Q4HO7sGJRGCX5bKq3fMvM7jTsHgP+RrKqbV1i/2Gld+JYAMZBCuQTSOCNJ4nC1Y/kurtblo5yi43gTdAbalbuGRh3qK5xrUidGYtXLVAGrBjUt0ZNv2ky4RVV07tdZKEn//1GUAA=',
]);
