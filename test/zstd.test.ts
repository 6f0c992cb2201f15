/** Zstandard's frames, as libzstd writes them and as nobody should. */
import { describe, expect, it } from 'vitest';
import { unpackZstd } from '../src/tables/zstd.js';

/** Words, numbers and noise, of which the recorded frames have the beginning. */
function words(size: number): Uint8Array {
  const bytes: number[] = [];
  for (let x = 1n; bytes.length < size; ) {
    x = (x * 1103515245n + 12345n) % 2n ** 31n;
    const noise = String.fromCharCode(Number((x >> 16n) & 255n));
    const word = ['alpha ', 'beta ', 'gamma\n', '\0\u0001', noise][Number((x >> 20n) % 5n)];
    for (const letter of word) bytes.push(letter.charCodeAt(0));
  }
  return Uint8Array.from(bytes.slice(0, size));
}
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

/** By pyarrow 25.0.1, of its level: `pa.Codec('zstd', compression_level=level).compress(…)`. */
const frames = [
  [
    1,
    6000,
    'KLUv/WBwFuUwAFYdb0aglM5yEi4H6MZ16mjyO0Qrgw+HL3h3fTuVzufcant449LyVbdUNfpJ02WWD5OZYoEAlpwnpHrdhqFmxox8c4EfhSaEuzIFWQBgAFsAQRyUPR6O+vKGCYYta8Gya/W+hNVxKBF1IxkmShh678kVNdZ6EDFli7CiDtN3UENeMw2oOgWwrsLFj86iWMIIx62T6DZrvffuO4t4kr7TR+jnZCYJOIGAzp7BOSBOTbmdE7qnDyu83st6OfqAPgbXlESMRlzXGvBLKFUkZqYTDdY7+NgQnrHACAJRcPWXbvy6YIM06TeIB8pC8OhOxALCut6Tir0PKWHmWKUZ0XZXYUhRKjfdy0GfMBfdrLf0UOk1YylURqYY7HjqZ10SVmp0uCBHTPUEVSly/adn6MgutMXE6YF1tz5d/yGVBG2RtbH0LgLl2GzyuhWwc+nwGJeA/UEUghM7EC5NMVxsZn3YlWobWDoKpxic7yziSZ59w5sGAt13ZArL6K2r8epkTByHehoNVI5Ul1FAc0U8ORMeffS2Kh2UtBYATHRMCGR9GEPIjBQRei8iX7R61k5/8eshiQvQDPY+tNB/fUkEbVmh94MZqILNyjRJewZyCAqVvGW1DRJow1NsyEiSJJW2AziQa7VRn7J+IuASkT4Q98Us+RMN+zmExCYMFrW3Lwyo1I6lcKxccOELv66Xx4Vxc8Vr/6X213RvAL6s9cY7owNMIfAj1acr2F+9ds6omGpXR+MmNSsy2ZjKkCC8eb/YaAefXB6xZmhJ+HuD7LqJD6nCrwXqdxnF0Cb3u/NCLKrjLmdcJqmdPyE4tIJcuP5kWycC6Io2YFP6acFbXwbqj7IYfTpVOKnGK3IZlCcokXGsOET2ZvuVt/K67y1lptnjuBiz9j6sWk2mZ1HBRsjUYxfPitwIuim1i9qVeHQ7cFmUGCeBYdcBEOKKIjb1+gcGRSZuAGsbQRO7NeARTvVIMnPrHvVNblNjbB/Hb51JjZSuWiyECUUXFKCehO516tOFujbN1qCHGTqxJdYyX492EzhKQVeSaWlj0ku5yU1c3ho0jKXgUiMuvMIE9+uP+k2DcXEt5YUe0lxrDVFMPIh2hjfKPmqKXx4OikjRfKCcEv8orFIRAaTVkaA4U3QY6+qwgjiI0Qsdk0O5Kz4x+UOOALKv1F9pgRvetNp8QgsUdexVOMFplEiEpICbdj7euhRVvthuyg74cW3dEt6WOygVWaN8XtVbNyOOwioMkUlW+Ao1wBCQKBlO5/jbU+ZIoOSZADg8JlKns2kGiT5k1Ww/Kwa+iO7vx/+55gaqLndsJdu8MqGTD1lqQEX8Lmz6Gn801r9XRMRcQ5esnixkXMMAOtnhKzCt+3Gtc+I6841wUHipVdqGevW6C76LBVm5wE9tgHoXIVoC3WmYVRn0tK5yGtaN5yl9G+ck/KPsotPw2Sc7I3JeIylevck6Z5UqkSdcDQHKNZpF2qEOozDre4xGGoASaHbv8htZP3PTG2SNfBUoSGq3oaTPcMuBU8OU+hRRdJES+0svqT8o4p5oqRQzgB6pK0BFhbsDqy1SwumbE3MKpIcP7ozlhAYHiWRaVHQaQaArIY/M9SGfETqSjR0n3qrLNJMG0Gld6z7pxGI6tSQwnXaCbGQF4gpQ3Jjd70VVm4M+e3OwVCaBYeksYbHz9aZL7fNAlAgIiJEp2JNxikcTyZ79iqAluYLFJ9RB/nBAcG5Oi5SUklZ6xkHMC83HkHidf5rjq/kvGwPwB6EGLg+4RlrC0gNEYJRH2nKJrZOyxCK/RrHIN2y1QEZ3xqM5Q+r7EYU6itkgDG3+3zyGT/YBzyCWLsnx/LFKS4gNUvrGLq6h5vdS1N6pJBGYCfEbRRWM16yGDnCoM5wZsUB4BHlxREJ5OUXaGGuPQUtvYgnW/wVXt1u8NEs9QGV4kwthMnjeLd7syoX9jUnW4w3CMs+SjAaJB97JUkbPtW4SUAChEND7AWuYomSZoBkK4aKo1QqbQECz2FS8A7+VEQwij9owf7ECUaTh8tQ++siBi0BJ/r4GGha65i2ZIFGWHUM9UbI9xHSSdZHmMUuAtiUDnxY=',
  ],
  [
    19,
    20000,
    'KLUv/WAgTYV4AGRFZ2FtbWEKfmthbHBoYSBiZXRhIAABAAEAAQAB4UcAAYcAAepUeY9NpgAB3KqdwkmcNkG7cZENAAEzfnTDqGTH4AAB4b+gh1qAAAEMt3kAAXKAxQABp4UAAQABq2YlqeUziFFmAAF7dWdkaW/3RW84uwABURyUfaUN1VDWpFxrBetNfgHh/T8RTIwAAdR/zhNMwQABDFlYvVAwAAGwmTo9tCLSP8BoagABwnIAAUE0+Ja9OuGx87zH/4nxyAvGGc4PIXeN+RRf9uSM3vc9ewABhRLbZAABS9DlsDSJL3iVG5Q5OoVQZV2wOqQAAQ/k5FIXgSLmzK9vBX0o+QDqAAHCGVRrr3BZW3Js9hqh3h+YhlkvykYhQrHSjdEnmPqcGshGHNgsAAHQT2bV9WYoAAFWSz3kB6vz/hkos0VfqdCrMFlNQJq54sK1S1nMPPb5sYgGLEbWF114J6Hm2VI/0hRMpUQkNZZckUTWcZA1/Q/bE+15p5j7Dl7tYGF0OvHHb6fZXOAE1N1LAAGTdHxvyjEQm1w5ePAVAAH7OfeJPUsx1OojvdI1E3o0xdZQ9JIAAYbArrLc8JXKugPOxoNs+dslCIA/JQ84p2zdZLTeDqJVGTwpQjNH7275AAGISBPlAhAAAavL16AjLQjfmz9Y2TJwoe+cYkx+/iFyQ6ByljqIOgABbZAAAXnjcVuFa26293AkuC/5xhQXcOiQ05FzdLx/eG5MapaACEzJTwRq1io6dNq07tuP3YlOdlQAAScz0gUnJZs+4FrYAAHgoHH71yelGgbnNo4eAAGyzJpl+U1dX1EC46qNVETWAAENnSlCFwABK5NV2SOcT+fj80FA5NRGAAGNNSYSHyMAAYX+v0oeOwABBOFza9RC2m+cfdoRyBqJQFmiBh3bzUey8DIAAZYQuHhz2e5OLIDGaKsAAeL6s69uepb8fupjP90dNp4NWEbrCNgfkwABakIti/Z5AAEvkmYXqWWD7Sfgl+wVp23wfGj+UxW0FZC0NFRGewABrUjwJhv9wpfaXLnXh4rLgnpmagABeErsgISiJ6Tc90tAO7f53a3q4oVKWBa3w6LbxgABmUZg/t90kGQNAB2VAAFoAAFGyfqIxb+pDBzn+w0yZj7qLZz/TPXWq59lG7miv/IAAQd8pi83tnisQ5t/U6MyEyOhRwABDvYAARPS1X2gb4w0kZUklo56vBYTnnt70+CZhzPp2/etMv9xk92GAQAB9pZIpQABEAABCYjQqfUInbV0T4uqUwAB/KrRSfZBpQIIVB+Q2pPelIlNFmyozMDUSq8w9Ha1cazByusAAYYAAZZ+gZ4jHuNS5XsAAe17p3ezUwlwAAE1oMdzhAABigABQ/Zp1IcU46F+/BQZc3jVFSkz6BbVQDgh7gWV8BjDFoXwjs3MPbAehHyOG0+vTKzgOijThQABG60LRBY+AmtCn9ZBEJzJUXa0i5FWz8uGa3WYnWq5951GhPqo0+ZG7yhpzyNQIJCYbDyhDKq7vQEjIHCgoVAQFJFOolIgNBVTkAU9IiFJQUGSDuRMNO83ZkzSN0XS7H8hk7+8kA/gTe1C89xlqgDyrBynkvNlzIOHYBi3kt1PyDE06Ig3ZfL2ePRXnx2QQLNFjQPGJoJs6DhRS2WPm+UN3Fy+nfNNFOruXekM/bBR2YY0lhgR08aODqppkbAYFHk4yWPrCpm2NYvfsMTWllWmzIXl52BRS22bk8kbtS1735O7TDfd33byIWDoMpHL11meRngJOLPPALjWLWDRHQ4d/FcDb1lZJZTQw9sdjyRQRavaJ4dBhQJb2k89+XT+mHgaRixU9t6GPFl2VkeqWPVK+olbSkQN7Z2CAd4Xis5lQEucxAddwV7FHtMrj1diRSB1QR2Si79z/BIE/SUucGUSuzPQ0kZ1r6IIarBHokolAHtbAemgyOoszxrfiL9fQn7sZxg7QW2wi3TgP7ZcKkmJYtxVftkeTdLDVBb7vveukNhgkotUqQyxf7k58AvmjBg/F5VPInkdbHDEmscU38Yi31Y2E1JdqfYQWeLEFR1LzbwenHMVn+Z0kfIENj/qAJ/e2c6zp5gs8tr9xoq4sUCil7TFuaNzlMwMzIUFfUl4BvhdhvD5b7uSyjCajB95KMKnHPZGO8vszco+teIuFs9DjcCrRbzRNIgLrALTRSlAtlNi3qvLpjzeqP3S5v3eFXAzZOWAPSwYijxUdI+5Z4K9GeeHVNvbR4weysJPDf6LkrTBrHqvkuf6XDnyCw+uwEF6skmfeg22IPa8v31XExhP07tytI9N1dhGTNde63ktxMt6pQ/4YZjrtED8fbgQ+mdxf7BZor0OhwFlFpR/ngU7DeIMfk+C0+jO4KcfJfY/DhFH4bo90SyBee/+fU5xv9eA89gVW0TWOvgjEG9JtWzbxhASv2n8FS39P95AbuOJDkLhp3BReKlk+T68uHILcbU/j6cKDy3BngtK0JPQK0xt9jhOc9E8HdxMgOByazPDpEa8pvJpPiEX8vIgWh46WR+U17EoNUT3tCg5EsTJSrlmR2ij4ZjLuYBZYkBA9qctM6gs37CYq/9kN8PM7rOgScf3FP9ydkGkLfQzERFIuLB8Km4KuOTUCQVB9sAentZRi4QRpwAYI+f8YzlxOGBPopjoGvfmm7Uy2a162erQnL5gbFV+VGuDugf2cgEgkCzE9B88dbMLl48SWwLQJNq2+Zm0UinQL41ivH4gKqx3Cm4I0zI1Im/nVnONKQ65F4A8OkZXne8cMZ9YUfS6IHqYbRA9uqMxrvDr0L9XFRn4qsnFwbhlLgfwyFHwiJeMtLbch9l70Yph532hO9S0UtcGLAmA9OInSsivWX/WBJI731ffzaviJ1cv3BhXc1YCTQaNp1S6yJlYuCFS1YmEZpPT/99dutPBEEfW8M5mGsSeCnZ4niINJCnu3eKea1N4viRYpy33zGNyFEI4kbbo+oI+nYZ0qEu6AebQIWUYNrdrmr1dhbj6onm7kjGrlkrnFUtWz/ThE5p4CJyJqfyuG3ibn8NjUUAvQQHT0lRw6RAfXuD7rHFTx7HoQWwY8I6NUaMW2QLd2i1+PhtkQHAQbq3GeLkHph8avj8PUYMaUeVkQWnjWISze1f6HHmzeRa0rOimIw0Ji+cPbZqkGoI7bifrBt64YwH+YlRIzybIv0lsgFNipxNhpltSbVDZrh1NPuFkP8ONI26aKVt/+gW+B1JsixEmX+DMLZ7XLBH1VOeoraGQ55OiBovnGjz5lbgpV1tixRTVRd5LJo/wrgYu+ximth/UWgyLV20jqGbp1fd34lPfTXMvqV5fC4Y1jEt4p3mlMeF5zM8bBbiUTP7d7dF2TN0FS7kwF5N/jdAFwiloPr9ZbPYf/X9GPsZt8wfFrTvICvAc4pCpWd64FhpqMFcXfTzyLSXzCJIKa9VthnC1HZXcH3ADVMvko4e4pkNMVrXPPje4whoD8EZCQ+feEWzyJ4esVd9BHLPJ6tRzEK+3XQQRJpsPzyUvvKRBvsg1L4Bc50LawQ969ZuF9lalXZvvnd33G94/gsqrxF9EtilXwTf9h7QE5265DySSwg5RInyxbTHfca2kdBqMuSiyqfQDMfMPHk3/2czgDfNrIZcATFfP6zk8dPJWkNclKCXNcjDJ2rfPTVJzi5jNfnvGqolVMVV04PejneREtGozpQ6qzq7QfIX5cEKDncC8sifZzUGHCRJXkMZHlbata6eQ/SdneqOjDeTtNS4U9P7vwBuUZ5iim0mJtgguTCF2HwaBxU6YgVvA+50VJ3Adb3ghQ+wBDW8QYh2Th7q5By30dTzCL5wVu8ZeTPlYjOKjaEviM9hGm6Q3noqSRmSfXOW5FA7vIJBzEa79K4Ex3Ak4kQheHbtTSO3t+dYAoMgy9D9jYgdrNNNR7Iet3phTgYIJKMWXD16n5hUHrKVd60wY3wSKS7uLOoKSoccXAPpI0NZyQWEGsA9BlE2jixeTOX+wLv87bu5iQ8gDjlwyJtAOgvd0ywzRUFck4z5NEUvSIslO7o/Hvu+qKavPQ9++MAuM5tvaRH2v3RXKFO266VbpZp2UOZZ1CawFzSWkuypdYT9g1dhwfo4i69kEabXqNtwCJr87HYEqayf6WuVTUIAs+Z54f4EQvzvyKpNeOefrFwgR6YBmxpmhK8Dscu2OcYvp2SoN1yHqt/6RcdInRcJtM9K3AyuDMz1QoC4Uw3aB5Km6EsSyLlzQWGgraDWognGsB33Ixo0A+U6/fNn/PXxvETptkMCpRVfCpOxun10tDbPBwhNO0Vuwx9rkgsDcO0d6FdUQm27e2lN0mANDoRuSVKRnpQgYfEgPJV+MqFzII22pY68/6JigrY4r/QWeTnzDtArAhmou2ur/Z72DHGCFBLj7efnddCWbLex0tEWItKQR3GJ6ERw/lZYYwH3OqD9vnKfrsNzw2lzwbGVxANx6E9unDvmteOoS1gZtiIWXDH6Ax/zy07FkqL7g+ZH+b3peL7/RL3BmyVgXKvcM12bEbmMEiP/kbIEABYNQCuignV0Atr4iNH3rntfLBCMJJlBntZxe+04DIzdV2iabPv0LeckHS7TvNhvRzec0W8wFHRlpsCh1m9WsjO//IBQMfz4z5igrtD/FATTG3wJI+msGxTrlS2LFDeFot5UfCE2HBKnXRQwgJEZWmaKl+yBQz1NR2yTfSe72nIT3NBHcqv/T0N/rf4Mpbpv2K87+JOCzAVm6mxUXEUIJkI0y2hQQSaJ566+qKknthAzus8qoFxSaD383VTXT5JFcUJeqR5YdQ5QdEciIehcRYCmtV4QDXnpAQIKpt1XA09t+wZGhjFJFm4nikun6j0F4yvez5q+AAANYz+Ufz3YdnaHAZR0ZwBiEvxAqaHfpysDUMct6iMQPe6OAwyA1PZj5n1FHpx+XV8LAdIWOf+aZ74lyctGMQ7QHhEGznwQlMBT0AyCOwlvy7QfSxycwW+jwYj9oYRqN5QEB8bbab/O05ebcYgJofLRRgyuaMlBheZWnfAY/a0aPSHrW7mpaGVXgs9uFZi2lIOPmY/Gr3JgTPdxqRXR5289/XN7zPh4iF3YyP/AsLkQQhKUZxFi7OG6RN0BM65XnrDgFlqIQUnzmtxe5dkngiy4=',
  ],
] as const;

/** A frame of a single segment, of blocks. */
const frame = (size: number, ...blocks: number[][]) =>
  Uint8Array.of(
    ...[0x28, 0xb5, 0x2f, 0xfd, 0xa0],
    ...new Uint8Array(Uint32Array.of(size).buffer),
    ...blocks.flat(),
  );
const block = (kind: number, size: number, content: number[], isLast = true) => {
  const head = (size << 3) | (kind << 1) | Number(isLast);
  return [head & 255, (head >> 8) & 255, head >> 16, ...content];
};

describe('frames', () => {
  it.each(frames)('of level %i are unpacked', (_, size, packed) => {
    expect(Buffer.compare(unpackZstd(bytesOf(packed), size), words(size))).toBe(0);
  });

  it('follow each other, with blocks as they are, of one byte, and parts that are skipped', () => {
    const two = [...frame(3, block(0, 3, [1, 2, 3])), 0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
    const all = Uint8Array.of(...two, ...frame(4, block(1, 3, [7], false), block(0, 1, [8])));
    expect([...unpackZstd(all, 7)]).toEqual([1, 2, 3, 7, 7, 7, 8]);
  });
});

describe('frames that do not hold what they say', () => {
  const bad: Record<string, [Uint8Array, number]> = {
    'blocks of more than there may be': [frame(4, block(1, 2 ** 20, [1])), 4],
    'more than there is room for': [frame(4, block(1, 5, [1])), 4],
    'less than there should be': [frame(4, block(1, 3, [1])), 4],
    'a size that cannot come of it': [frame(4, block(1, 4, [1])), 2 ** 30],
    'another kind of file': [Uint8Array.from({ length: 40 }, (_, i) => i), 4],
    'a block that ends too early': [frame(4, block(0, 4, [1, 2])), 4],
    'sequences without bits': [frame(2 ** 17, block(2, 9, [0, 255, 255, 255, 0x54, 35, 0, 52, 0])), 2 ** 17],
    'copies from before the beginning': [frame(100, block(2, 7, [0, 1, 0x54, 0, 4, 52, 1])), 100],
  };
  it.each(Object.entries(bad))('are refused: %s', (_, [bytes, size]) => {
    expect(() => unpackZstd(bytes, size)).toThrow(/Zstandard data/);
  });

  it('are refused wherever they are cut off', () => {
    const [, size, packed] = frames[1];
    const whole = bytesOf(packed);
    for (let end = 0; end < whole.length; end += 7)
      expect(() => unpackZstd(whole.subarray(0, end), size)).toThrow(/Zstandard data/);
  });
});
