Js={where:[[`condition`,`a`,`b`],`select(condition, a, b)`],square:[[`x`],`x * x`],frac:[[`x`],`x - trunc(x)`],clamp:[[`x`,`low`,`high`],`minimum(maximum(x, low), high)`],isinf:[[`x`],`abs(x) == inf`],isfinite:[[`x`],`abs(x) < inf`],logical_xor:[[`a`,`b`],`(a != 0) != (b != 0)`],relu:[[`x`],`x <= 0 ? 0 : x`],softplus:[[`x`],`maximum(x, 0) + log1p(exp(-abs(x)))`],log_sigmoid:[[`x`],`minimum(x, 0) - log1p(exp(-abs(x)))`],normal_cdf:[[`x`],`0.5 * (1 + erf(x * sqrt(0.5)))`],normal_pdf:[[`x`],`exp(-0.5 * x * x) * (1 / sqrt(2 * pi))`],logaddexp:[[`a`,`b`],`is_less = real(a) < real(b); big = is_less ? b : a; small = is_less ? a : b;
     abs(real(a)) == inf && real(a) == real(b) ? a : big + log1p(exp(small - big))`],logaddexp2:[[`a`,`b`],`abs(a) == inf && a == b ? a : maximum(a, b) + log1p(exp2(-abs(a - b))) / log(2)`],xlogy:[[`x`,`y`],`isnan(y) ? nan : (x == 0 ? 0 : x * log(y))`],xlog1py:[[`x`,`y`],`isnan(y) ? nan : (x == 0 ? 0 : x * log1p(y))`],trigamma:[[`x`],Xs()],zeta:[[`x`,`q`],Ys()],i0e:[[`x`],Ks],i1e:[[`x`],qs]};function Ys(){return`
    a = q + 20;
    r = 1 / (a * a);
    last = pow(a, -x);
    value = ${Array.from({length:20},(e,t)=>`pow(q + ${t}, -x)`).join(` + `)} + last * a / (x - 1) + last / 2 + last * x / a * (${[1/12,-1/720,1/30240,-1/1209600,1/47900160,-691/1307674368e3,1/74724249600].reduceRight((e,t,n)=>`${t} + (x + ${2*n+1}) * (x + ${2*n+2}) * r * (${e===``?`0`:e})`,``)});
    x == 1 ? inf : x < 1 ? nan : q <= 0 && q == floor(q) ? inf : value`}function Xs(){return`
    y = x < 0.5 ? 1 - x : x;
    z = y + 8;
    q = 1 / (z * z);
    value = ${Array.from({length:8},(e,t)=>`1 / ((y + ${t}) * (y + ${t}))`).join(` + `)} + 1 / z + q / 2 + q / z * (${[`1/6`,`-1/30`,`1/42`,`-1/30`,`5/66`,`-691/2730`,`7/6`].reduceRight((e,t)=>e?`${t} + q * (${e})`:t,``)});
    sine = sin(pi * (x - floor(x)));
    x < 0.5 ? pi * pi / (sine * sine) - value : value`}