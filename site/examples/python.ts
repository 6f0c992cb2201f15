//: convert.convert
const { code, diagnostics } = await convert.convert('import torch\nprint(torch.ones(2) + 1)');
console.log(code);
diagnostics.length;
//= import * as torch from 'flambeau';
//=
//= console.log(torch.ones(2).add(1));
//=
//= 0

//: python.print, python.str, python.repr, python.as
python.print([1.5, 'two', [true, null]], { sep: ' | ' });
console.log(python.str('text'), python.repr('text'));
python.str(python.as([1, 2], 'list[float]'));
//= text 'text'
//= [1.0, 2.0]

//: python.format, python.formatted, python.percent
console.log(python.format(3.14159, '8.2f'), python.format(1234567, ','));
console.log(python.formatted('{:.1%} of {}', [0.25, 'all']));
python.percent('%5.1f|%-4d|%s', [2.345, 7, 'end']);
//=     3.14 1,234,567
//= 25.0% of all
//=   2.3|7   |end

//: python.equal, python.order, python.contains, python.truth
console.log(python.equal([1, [2, 3]], [1, [2, 3]]), python.order('a', 'b') < 0, python.contains([[1], [2]], [2]));
[python.truth([]), python.truth('a'), python.truth(0)];
//= True True True
//= [False, True, False]

//: python.at, python.put, python.sliced, python.repeated
const letters = ['a', 'b', 'c', 'd'];
python.put(letters, -1, 'z');
console.log(python.at(letters, -1), python.sliced(letters, null, null, -2));
python.repeated([0, 1], 2);
//= z ['z', 'b']
//= [0, 1, 0, 1]

//: python.range, python.enumerate, python.zip, python.unzip, python.product
console.log(python.range(0, 10, 3), python.enumerate(['a', 'b'], 1));
console.log(python.zip([1, 2], ['x', 'y']), python.unzip([[1, 'x'], [2, 'y']]));
python.product([1, 2], ['a', 'b']);
//= [0, 3, 6, 9] [[1, 'a'], [2, 'b']]
//= [[1, 'x'], [2, 'y']] [[1, 2], ['x', 'y']]
//= [[1, 'a'], [1, 'b'], [2, 'a'], [2, 'b']]

//: python.deque, python.next
const recent = python.deque([1, 2, 3], 3);
recent.push(4);
console.log(python.next(recent));
[...recent];
//= 2
//= [2, 3, 4]

//: python.counter, python.popped, python.setdefault, python.update
const counts = python.counter('hello');
console.log(counts.get('l'), python.popped(counts, 'h'), counts.has('h'));
python.update(counts, [['x', 5]]);
[python.setdefault(counts, 'x', 0), python.setdefault(counts, 'y', 1)];
//= 2 1 False
//= [5, 1]

//: python.addAll
const seen = new Set([1]);
python.addAll(seen, [1, 2, 3]);
seen.size;
//= 3

//: python.sorted, python.max, python.min
console.log(python.sorted(['bb', 'a', 'ccc'], { key: (text) => text.length, reverse: true }));
[python.max([3, 1, 2]), python.min([], { fallback: 0 })];
//= ['ccc', 'bb', 'a']
//= [3, 0]

//: python.mod, python.divmod, python.round
console.log(python.mod(-7, 3), python.divmod(-7, 2));
[python.round(0.5), python.round(1.5), python.round(2.675, 2)];
//= 2 [-4, 1]
//= [0, 2, 2.67]

//: python.sum, python.total
console.log(python.sum([0.1, 0.2, 0.3]));
python.total([torch.ones(2), torch.ones(2)]);
//= 0.6000000000000001
//= tensor([2., 2.])

//: python.comb, python.factorial, python.gcd, python.isclose
[python.comb(5, 2), python.factorial(5), python.gcd(12, 18), python.isclose(0.1 + 0.2, 0.3)];
//= [10, 120, 6, True]

//: python.words, python.capitalize, python.title
console.log(python.words('  two   words '), python.capitalize('hELLO'));
python.title('of mice and men');
//= ['two', 'words'] Hello
//= Of Mice And Men

//: python.zfill, python.ljust, python.rjust, python.center
[python.zfill('-42', 6), python.ljust('a', 3, '.'), python.rjust('a', 3), python.center('a', 4, '*')];
//= ['-00042', 'a..', '  a', '*a**']

//: python.random.seed, python.random.random, python.random.uniform, python.random.randint, python.random.randrange
python.random.seed(0);
console.log(python.random.random().toFixed(6), python.random.uniform(1, 2).toFixed(6));
[python.random.randint(1, 6), python.random.randrange(10)];
//= 0.844422 1.757954
//= [4, 0]

//: python.random.choice, python.random.shuffle, python.random.sample
python.random.seed(1);
const deck = [1, 2, 3, 4, 5];
python.random.shuffle(deck);
console.log(deck, python.random.choice(['a', 'b', 'c']));
python.random.sample([10, 20, 30, 40], 2);
//= [3, 4, 5, 1, 2] b
//= [40, 20]
