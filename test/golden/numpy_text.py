"""Records what NumPy's loadtxt, genfromtxt and savetxt do: `python numpy_text.py > numpy_text.json.golden`."""

import io
import json
import random
import warnings

import numpy as np

warnings.simplefilter('ignore')

# Functions are named, since the other side has its own.
functions = {
    'times10': lambda s: float(s) * 10,
    'length': lambda s: len(s),
    'upper': lambda s: s.upper(),
    'fails': lambda s: float('x'),
    'none': lambda s: None,
    'text3': lambda s: '3',
    'comma': lambda s: float(s.replace(',', '.')),
    'half': lambda s: 2.5,
}


def with_functions(value):
    if isinstance(value, dict) and '$function' in value:
        return functions[value['$function']]
    if isinstance(value, dict):
        return {int(k) if k.lstrip('-').isdigit() else k: with_functions(v) for k, v in value.items()}
    if isinstance(value, list):
        return [with_functions(v) for v in value]
    return value


def f(name):
    return {'$function': name}


def number(x):
    if isinstance(x, (complex, np.complexfloating)):
        return [number(x.real), number(x.imag)]
    if isinstance(x, (bool, np.bool_)):
        return bool(x)
    if isinstance(x, (int, np.integer)):
        return str(int(x))
    x = float(x)
    return 'nan' if x != x else ('inf' if x > 0 else '-inf') if x in (float('inf'), float('-inf')) else repr(x)


def array(a):
    a = np.asarray(a)
    if a.dtype.kind in 'US':
        return {'dtype': 'str', 'shape': list(a.shape), 'values': [str(x) for x in a.reshape(-1)]}
    return {'dtype': a.dtype.name, 'shape': list(a.shape), 'values': [number(x) for x in a.reshape(-1)]}


def result(a):
    if isinstance(a, list):
        return {'list': [array(x) for x in a]}
    if a.dtype.names is not None:
        # Columns always have one dimension on the other side.
        a = np.atleast_1d(a)
        return {'columns': {name: array(a[name]) for name in a.dtype.names}}
    return array(a)


def dtype_of(dtype):
    if isinstance(dtype, dict):
        return [(k, 'U99' if v == 'str' else v) for k, v in dtype.items()]
    if isinstance(dtype, list):
        return [('', 'U99' if v == 'str' else v) for v in dtype]
    return {'float': float, 'int': int, 'complex': complex, 'bool': bool, 'str': str}.get(dtype, dtype)


def record(function, text, options):
    arguments = {k: with_functions(v) for k, v in options.items()}
    if 'dtype' in arguments:
        arguments['dtype'] = dtype_of(options['dtype'])
    if function == 'genfromtxt' and isinstance(arguments.get('usecols'), list):
        arguments['usecols'] = tuple(arguments['usecols'])
    case = {'function': function, 'text': text, 'options': options}
    try:
        case['result'] = result(getattr(np, function)(io.StringIO(text), **arguments))
    except Exception as error:
        case['error'] = [type(error).__name__, str(error)]
    return case


def plain(x):
    if isinstance(x, list):
        return [plain(y) for y in x]
    return str(x) if isinstance(x, float) and not np.isfinite(x) else x


def save(x, dtype, options):
    case = {'function': 'savetxt', 'values': plain(x), 'dtype': dtype, 'options': options}
    out = io.StringIO()
    try:
        value = np.array(x, dtype=np.complex128 if dtype == 'complex128' else dtype)
        if dtype == 'complex128':
            value = value[..., 0] + 1j * value[..., 1]
        np.savetxt(out, value, **options)
        case['result'] = out.getvalue()
    except Exception as error:
        case['error'] = [type(error).__name__, str(error)]
    return case


load = [
    ('1 2\n3 4', {}), ('1.5 2', {'dtype': 'int'}), ('1_0 2', {}), ('0x1p3 2', {}), ('inf nan -Infinity +nan', {}),
    ('1e5 .5 5. 1e+3', {}), ('1d3', {}), ('infin', {}), ('1e400 2e-400', {}), ('1,2,\n3,4,5', {'delimiter': ','}),
    ('1,,2', {'delimiter': ','}), ('1 2\n3 4 5', {}), ('', {}), ('', {'ndmin': 2}), ('# x\n1 2', {}), ('1 2 # x\n3 4', {}),
    ('True 0', {'dtype': 'bool'}), ('2 0', {'dtype': 'bool'}), ('300', {'dtype': 'uint8'}), ('-1', {'dtype': 'uint8'}),
    ('1+2j (3-4j) 5j', {'dtype': 'complex'}), ('a b', {'dtype': 'str'}), ('1 2\n3 4', {'usecols': [1, -1]}),
    ('1 2\n3 4', {'usecols': 5}), ('1 2\n3 4', {'unpack': True}), ('1 2', {'ndmin': 2}), ('1 2', {'ndmin': 3}),
    ('1', {'ndmin': 1}), ('1\n2', {'ndmin': 2}), ('1 2\n\n3 4', {'max_rows': 2}),
    ('"1,5";2', {'delimiter': ';', 'quotechar': '"', 'converters': f('comma')}), ('1 2', {'delimiter': 'ab'}),
    ('1 2', {'delimiter': '\n'}), ('1 2', {'comments': ''}), ('1 2', {'skiprows': -1}), ('1 2', {'quotechar': '#'}),
    ('1 2', {'delimiter': '#'}), ('1 2 %3 //4', {'comments': ['%', '//']}), ('1 2', {'comments': ['%', '//'], 'quotechar': '"'}),
    ('1 2', {'converters': {'5': f('times10')}}), ('1 2', {'converters': {'0': f('upper')}}), ('1 2', {'converters': {'a': f('upper')}}),
    ('1 2', {'converters': {'0': 5}}), ('1 2', {'converters': 5}), ('1 2', {'usecols': 1.5}), ('1 2', {'max_rows': -1}),
    ('1 2', {'max_rows': 0}), ('1 2', {'delimiter': 5}), ('99999999999999999999', {'dtype': 'int'}), ('x', {'dtype': 'int'}),
    ('1 2', {'dtype': 'float16'}), ('1 2', {'usecols': ['a']}), ('1 2', {'skiprows': 1.5}), ('1e', {}),
    ('1 2', {'dtype': 'float32', 'converters': {'0': f('text3')}}), ('1 2', {'delimiter': '"', 'quotechar': '"'}),
    ('+5 -5', {'dtype': 'int'}), (' 5 , 6 ', {'dtype': 'int', 'delimiter': ','}), ('18446744073709551615', {'dtype': 'uint64'}),
    ('-9223372036854775808', {'dtype': 'int'}), ('nan+infj 1j+2 1+2', {'dtype': 'complex'}), ('1+-2j', {'dtype': 'complex'}),
    ('1 2', {'dtype': 'complex64'}), ('5\x1c6', {}), ('"a ""b"" c"x,d', {'dtype': 'str', 'delimiter': ',', 'quotechar': '"'}),
    ('"a\nb",c', {'dtype': 'str', 'delimiter': ',', 'quotechar': '"'}), ('"a', {'dtype': 'str', 'quotechar': '"'}),
    ('""', {'dtype': 'str', 'quotechar': '"', 'ndmin': 1}), ('"" x', {'dtype': 'str', 'quotechar': '"', 'ndmin': 1}),
    ('"a#b" #c', {'dtype': 'str', 'quotechar': '"'}), (' , ', {'dtype': 'str', 'delimiter': ','}),
    ('a, b ,c', {'dtype': 'str', 'delimiter': ','}), ('\n\n1\n', {}), ('1 2\n3', {'usecols': 0}), ('1 2\n3', {'usecols': 1}),
    ('a 1\nb 2', {'dtype': {'n': 'str', 'v': 'int32'}}), ('a 1\nb 2', {'dtype': {'n': 'str', 'v': 'int32'}, 'unpack': True}),
    ('1 2 3', {'dtype': {'a': 'int32', 'b': 'int32'}}), ('1 2 3', {'dtype': {'a': 'int32', 'b': 'int32'}, 'usecols': [0, 2]}),
    ('1 2 3', {'dtype': {'a': 'int32', 'b': 'int32'}, 'usecols': [0]}), ('1', {'converters': {'0': f('fails')}}),
    ('1', {'dtype': 'int', 'converters': {'0': f('half')}}), ('1', {'converters': {'0': f('none')}}), ('1', {'dtype': 'int', 'converters': {'0': f('none')}}),
    ('1 2\n3 4\n5 6', {'skiprows': 1, 'max_rows': 1}), ('# a\n1', {'skiprows': 1}), ('1 2', {'usecols': [0, 0]}),
    ('1 2\n3 4', {'converters': {'-1': f('times10')}}), ('1 2\n3 4', {'usecols': [1], 'converters': {'1': f('times10')}}),
    ('ab c\nd efg', {'converters': f('length'), 'dtype': 'int'}), ('a b', {'dtype': 'str', 'converters': {'1': f('half')}}),
    ('1 2', {'comments': None}), ('1 #2', {'comments': None}), ('1;2', {'delimiter': ';', 'comments': []}), ('1 2', {'encoding': 'utf-8'}),
    ("it's 1", {}), ('"\\" 1', {}), ('é', {}), ('1\t2\n3\t4', {'delimiter': '\t'}), ('1\r\n2\r\n', {}), ('127 -128', {'dtype': 'int8'}),
    ('128', {'dtype': 'int8'}), ('65535 0', {'dtype': 'uint16'}), ('4294967296', {'dtype': 'uint32'}), ('1 2\n3 4', {'dtype': 'str', 'unpack': True}),
    ('1 2\n3 4', {'dtype': 'str', 'usecols': 1}), ('1', {'dtype': 'str', 'ndmin': 2}),
]

table = 'a, b, c d\n1, 2.5, x\n3, 4, y y\n'
gen = [
    ('1 2\n3 4', {}), ('1,2,3\n4,,6', {'delimiter': ','}), ('1,2,3\n4,x,6', {'delimiter': ','}), ('1,2,3\n4,x,6', {'delimiter': ',', 'loose': False}),
    ('1,2,3\n4,x,6', {'delimiter': ',', 'filling_values': 0}), ('1,N/A,3\n4,,6', {'delimiter': ',', 'missing_values': 'N/A', 'filling_values': -7}),
    ('1,-999,3', {'delimiter': ',', 'missing_values': '-999', 'filling_values': 0}),
    ('1,N/A,3\n???,5,6', {'delimiter': ',', 'missing_values': {'0': '???', '1': 'N/A'}, 'filling_values': {'0': -1, '1': -2}, 'loose': False}),
    ('N/A, 2, 3\n4, ,???', {'delimiter': ',', 'dtype': 'int', 'names': 'a,b,c', 'missing_values': {'0': 'N/A', 'b': ' ', '2': '???'}, 'filling_values': {'0': 0, 'b': 0, '2': -999}}),
    (table, {'delimiter': ',', 'names': True}), (table, {'delimiter': ',', 'names': True, 'dtype': None, 'encoding': 'utf-8'}),
    (table, {'delimiter': ',', 'names': True, 'dtype': None, 'autostrip': True}), (table, {'delimiter': ',', 'names': True, 'usecols': ['a', 'b']}),
    (table, {'delimiter': ',', 'names': True, 'usecols': 'a,b'}), (table, {'delimiter': ',', 'names': True, 'usecols': [-1, 0], 'dtype': None}),
    (table, {'delimiter': ',', 'skip_header': 1, 'dtype': None}), (table, {'delimiter': ',', 'skip_header': 1, 'dtype': None, 'names': ['x', 'y y', 'file']}),
    (table, {'delimiter': ',', 'names': True, 'unpack': True, 'usecols': [0, 1]}), (table, {'delimiter': ',', 'names': True, 'case_sensitive': 'upper'}),
    (table, {'delimiter': ',', 'names': True, 'case_sensitive': False, 'replace_space': '-', 'deletechars': ''}), (table, {'delimiter': ',', 'names': True, 'case_sensitive': 'x'}),
    (table, {'delimiter': ',', 'names': True, 'usecols': ['q']}), ('# a b c\n1 2 3', {'names': True}), ('#a,a,\n1,2,3', {'names': True, 'delimiter': ','}),
    ('1 2 3\n4 5', {}), ('1 2 3\n4 5\n6 7 8', {'invalid_raise': False}), ('1 2 3\n4 5', {'skip_footer': 1}), ('1 2\n3 4\n5 6', {'skip_footer': 1}),
    ('1 2\n3 4\n5 6', {'max_rows': 2}), ('1 2\n3 4\n5 6', {'max_rows': 0}), ('1 2\n3 4\n5 6', {'max_rows': 2, 'skip_footer': 1}), ('', {}), ('\n\n', {}),
    ('1 2\n3 4', {'ndmin': 3}), ('1', {'ndmin': 2}), ('1 2', {'ndmin': 2}), ('1\n2', {'ndmin': 2}), ('1\n2', {}), ('5', {}), ('1 2\n3 4', {'unpack': True}),
    ('11.3abcde', {'dtype': None, 'delimiter': [4, 5]}), ('11.3abcde\n22.4fghij', {'dtype': None, 'delimiter': [4, 5], 'names': ['v', 's']}), ('123456\n789012', {'delimiter': 2}),
    ('123456\n789012', {'delimiter': 3, 'dtype': 'int'}), ('1 True abc\n2 False de', {'dtype': None}), ('1 2\n3 99999999999999999999', {'dtype': None}),
    ('1 2\n3 4.5', {'dtype': None}), ('1 2\n3 1+2j', {'dtype': None}), ('a b\nc d', {'dtype': None}), ('True False\nfalse TRUE', {'dtype': None}),
    ('1,,3\n,5,6', {'dtype': None, 'delimiter': ','}), (',1\n,2', {'dtype': None, 'delimiter': ','}), ('1 2', {'dtype': 'str'}), ('a b\nc d', {'dtype': 'str'}),
    ('1 2.5', {'dtype': 'int'}), ('1 2.5', {'dtype': 'int32'}), ('300', {'dtype': 'int8'}), ('True 1', {'dtype': 'bool'}), ('1j x', {'dtype': 'complex'}),
    ('1,2,3', {'dtype': ['int32', 'float32', 'str'], 'delimiter': ','}), ('1,2,3', {'dtype': {'a': 'int32', 'b': 'float64', 'c': 'str'}, 'delimiter': ','}),
    ('1,2,3', {'dtype': {'a': 'int32', 'b b': 'float64', 'c': 'str'}, 'delimiter': ',', 'names': 'x,y,z'}), ('1,2,3', {'dtype': ['int32', 'int32', 'int32'], 'delimiter': ',', 'defaultfmt': 'v%02i'}),
    ('1,2,3', {'delimiter': ',', 'dtype': None, 'defaultfmt': 'v%02i', 'names': ['', '', 'q']}), ('1,a', {'delimiter': ',', 'dtype': None, 'defaultfmt': 'v%02i'}),
    ('50%,2\n25%,3', {'delimiter': ',', 'converters': {'0': f('half')}}), ('ab,2\nc,3', {'delimiter': ',', 'converters': {'0': f('length')}, 'dtype': None}),
    ('ab,2\nc,3', {'delimiter': ',', 'converters': {'0': f('upper')}, 'dtype': None}), ('ab,2\nc,3', {'delimiter': ',', 'converters': {'0': f('upper')}}),
    ('a,b\n1,2', {'delimiter': ',', 'names': True, 'converters': {'b': f('times10')}}), ('a,b\n1,2', {'delimiter': ',', 'names': True, 'converters': {'zz': f('times10')}}),
    ('1 # 2\n3', {}), ('1 // 2\n3', {'comments': '//'}), ('1 # 2', {'comments': None}), ('1;2', {'delimiter': ';'}), ('1||2', {'delimiter': '||'}), ('1_0 2', {}), ('nan inf', {}),
    ('a,b\n1,2', {'delimiter': ',', 'names': True, 'excludelist': ['a']}), ('  1 2  \n3 4', {}), ('1, 2 ,3', {'delimiter': ',', 'dtype': 'str', 'autostrip': True}),
    ('1,N/A\n2,3', {'delimiter': ',', 'dtype': None, 'missing_values': ['', 'N/A']}), ('1,N/A\n2,3', {'delimiter': ',', 'dtype': None, 'missing_values': 'N/A', 'filling_values': 9}),
    ('1,x\n2,y', {'delimiter': ',', 'dtype': None, 'filling_values': [5, 'z']}),
]

numbers = [0.0, -0.0, 1.0, -1.5, 2.5, 0.5, 3.5, 1 / 3, 1e-5, 1e16, 123456789.123, 1e22, 5e-324, 1.7976931348623157e308, 0.1, 99999.5, 0.00012345]
formats = ['%.18e', '%d', '%i', '%f', '%F', '%.3f', '%10.5f', '%-10.2f|', '%+.2e', '% .2e', '%010.3f', '%g', '%G', '%.3g', '%#.3g', '%#.0f', '%.0f', '%.0e',
           '%E', '%s', '%r', '%x', '%5d', '%-5d|', '%05d', '%+d', '%.3d', 'v=%g;', '%%%g', '%y', '%', '%u', '%.10g', '%5s', '%.2s', '%c', '%o', '%#x']
saves = [save(numbers, 'float64', {'fmt': fmt}) for fmt in formats]
saves += [save([1, -2, 300, 0, 9007199254740991], 'int64', {'fmt': fmt}) for fmt in formats]
saves += [save([True, False], 'bool', {'fmt': fmt}) for fmt in formats]
saves += [save([[0.1, 2.5], [1 / 3, 1e10]], 'float32', {'fmt': fmt}) for fmt in formats if fmt != '%r']
saves += [save([999999, 1e6, 0.0009, 0.001, 1e-4, 123456.7, 1e-5], 'float32', {'fmt': fmt}) for fmt in ['%s', '%r']]
saves += [save([999, 1000, 1e-4, 1 / 3, 65504, 0.1], 'float16', {'fmt': fmt}) for fmt in ['%s', '%r', '%.3e']]
saves += [
    save([[1, 2], [3, 4]], 'float64', {}), save([[1, 2], [3, 4]], 'float64', {'delimiter': ','}), save([[1, 2], [3, 4]], 'float64', {'fmt': ['%d', '%.2f']}),
    save([[1, 2], [3, 4]], 'float64', {'fmt': ['%d']}), save([[1, 2], [3, 4]], 'float64', {'fmt': '%d is %f'}), save([[1, 2], [3, 4]], 'float64', {'fmt': '%d %d %d'}),
    save([[1, 2]], 'float64', {'header': 'a b', 'footer': 'c\nd'}), save([[1, 2]], 'float64', {'header': 'a\nb', 'comments': '// '}), save([[1, 2]], 'float64', {'newline': '\r\n'}),
    save(1.0, 'float64', {}), save([[[1.0]]], 'float64', {}), save([], 'float64', {}), save([[1, 2], [3, -4]], 'complex128', {'fmt': '%.1f'}),
    save([[[1, 2], [3, -4]], [[0, 0], [-1, -0.5]]], 'complex128', {}), save([[1, 2], [3, -4]], 'complex128', {'fmt': '%.1f%+.1fj'}), save([[1, 2]], 'complex128', {'fmt': '%d %d %d'}),
    save([float('nan'), float('inf'), float('-inf')], 'float64', {'fmt': '%08.2f'}), save([float('nan')], 'float64', {'fmt': '%d'}), save([float('inf')], 'float64', {'fmt': '%d'}),
    save([float('nan'), float('inf'), float('-inf')], 'float64', {'fmt': '%G'}), save([1, 2], 'uint8', {'fmt': '%x'}), save([1, 2], 'float64', {'fmt': 5}),
]

random.seed(5)
for digits in range(0, 20):
    values = [random.choice([-1, 1]) * random.random() * 10.0 ** random.randint(-8, 20) for _ in range(6)]
    values += [round(random.random() * 100) / 8 for _ in range(6)]
    for kind in 'efg':
        saves.append(save(values, 'float64', {'fmt': f'%.{digits}{kind}'}))

cases = [record('loadtxt', *case) for case in load] + [record('genfromtxt', *case) for case in gen] + saves
print(json.dumps({'numpy': np.__version__, 'cases': cases}, ensure_ascii=False))
