//: python.ArgumentParser
const parser = new python.ArgumentParser();
parser.addArgument(['--epochs'], { type: 'int', default: 5 });
parser.addArgument(['--cuda'], { action: 'store_true' });
JSON.stringify(parser.parseArgs(['--epochs', '3']));
//= {"epochs":3,"cuda":false}

//: python.accumulate, python.combinations, python.permutations
console.log(python.accumulate([1, 2, 3]), python.combinations([1, 2, 3], 2));
python.permutations([1, 2, 3]).length;
//= [1, 3, 6] [[1, 2], [1, 3], [2, 3]]
//= 6

//: python.count, python.islice
python.islice(python.count(10, 5), 3);
//= [10, 15, 20]

//: python.appendleft, python.pop, python.remove, python.replaced
const items = [1, 2, 3, 4];
python.appendleft(items, 0);
console.log(python.pop(items), items);
python.remove(items, 2);
python.replaced(items, 0, 1, [7, 8]);
items;
//= 4 [0, 1, 2, 3]
//= [7, 8, 1, 3]

//: python.countOf, python.indexOf
console.log(python.countOf([1, 2, 1], 1));
python.indexOf(['a', 'b'], 'b');
//= 2
//= 1

//: python.item, python.DefaultMap, python.mostCommon
const counts = new python.DefaultMap(() => 0);
for (const letter of 'banana') counts.set(letter, counts.get(letter) + 1);
console.log(python.mostCommon(counts, 2));
python.item(counts, 'n');
//= [['a', 3], ['n', 2]]
//= 2

//: python.TupleMap, python.TupleSet
const seen = new python.TupleMap([[[1, 2], 'first']]);
console.log(seen.get([1, 2]));
new python.TupleSet([[1, 2], [1, 2]]).size;
//= first
//= 1

//: python.int, python.float, python.bin, python.oct, python.hex, python.chr
console.log(python.int('ff', 16), python.float('1e3'));
[python.bin(10), python.oct(8), python.hex(255), python.chr(97)];
//= 255 1000
//= ['0b1010', '0o10', '0xff', 'a']

//: python.StopIteration
new python.StopIteration('no more').name;
//= StopIteration

//: python.and, python.or, python.xor
[python.and(12, 10), python.or(12, 10), python.xor(12, 10)];
//= [8, 14, 6]

//: python.divided, python.floored, python.exact
console.log(python.divided(7, 2), python.floored(-7, 2));
python.exact(2 ** 40);
//= 3.5 -4
//= 1099511627776

//: python.islower, python.isupper, python.swapcase, python.place
console.log(python.islower('abc'), python.isupper('aBc'), python.swapcase('aBc'));
python.place('banana', 'n');
//= True False AbC
//= 2

//: python.split, python.rsplit, python.splitlines, python.partition
console.log(python.split('a,b,c', ',', 1), python.rsplit('a,b,c', ',', 1));
console.log(python.splitlines('one\ntwo'));
python.partition('key=value', '=');
//= ['a', 'b,c'] ['a,b', 'c']
//= ['one', 'two']
//= ['key', '=', 'value']

//: python.strip, python.lstrip, python.rstrip, python.replace
console.log(python.strip('--x--', '-'), python.lstrip('--x--', '-'), python.rstrip('--x--', '-'));
python.replace('aaa', 'a', 'b', 2);
//= x x-- --x
//= bba
