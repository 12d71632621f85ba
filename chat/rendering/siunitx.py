r"""Numbers and units as LaTeX: `\SI{3e8}{m/s}`, `\qty{5}{\metre\per\second}`, `\num{1.2e-3}`, `\ang{30}`.

The notation is that of the LaTeX package siunitx (https://ctan.org/pkg/siunitx), in the forms that answers
use.
"""

import re

UNITS = {
    'ampere': 'A', 'angstrom': 'Å', 'arcminute': "'", 'arcsecond': "''", 'astronomicalunit': 'au',
    'bar': 'bar', 'becquerel': 'Bq', 'bit': 'bit', 'byte': 'B', 'candela': 'cd', 'celsius': r'^\circ C',
    'coulomb': 'C', 'day': 'd', 'decibel': 'dB', 'degree': r'^\circ', 'degreeCelsius': r'^\circ C',
    'electronvolt': 'eV', 'farad': 'F', 'gram': 'g', 'gray': 'Gy', 'hectare': 'ha', 'henry': 'H',
    'hertz': 'Hz', 'hour': 'h', 'joule': 'J', 'kelvin': 'K', 'kg': 'kg', 'kilogram': 'kg', 'liter': 'L',
    'litre': 'L', 'lumen': 'lm', 'lux': 'lx', 'meter': 'm', 'metre': 'm', 'minute': 'min', 'mole': 'mol',
    'newton': 'N', 'ohm': r'\Omega ', 'pascal': 'Pa', 'percent': r'\%', 'radian': 'rad', 'second': 's',
    'siemens': 'S', 'sievert': 'Sv', 'steradian': 'sr', 'tesla': 'T', 'tonne': 't', 'volt': 'V',
    'watt': 'W', 'weber': 'Wb', 'mmHg': 'mmHg',
}  # fmt: skip
PREFIXES = {
    'pico': 'p', 'nano': 'n', 'micro': 'µ', 'milli': 'm', 'centi': 'c', 'deci': 'd', 'deca': 'da',
    'hecto': 'h', 'kilo': 'k', 'mega': 'M', 'giga': 'G', 'tera': 'T', 'peta': 'P', 'femto': 'f',
}  # fmt: skip
ABBREVIATIONS = frozenset(
    {'A', 'C', 'F', 'H', 'Hz', 'J', 'K', 'L', 'N', 'Pa', 'V', 'W', 'g', 'h', 'kg', 'l', 'm', 'min', 'mol',
     'ms', 's', 'cm', 'mm', 'km', 'nm', 'um', 'kHz', 'MHz', 'GHz', 'eV', 'keV', 'MeV', 'GeV', 'kJ', 'kW',
     'MW', 'kPa', 'MPa', 'kV', 'mV', 'mA', 'mL', 'ml', 'mg', 'kN', 'dB'}
)  # fmt: skip
"""Names of units that siunitx knows as commands: `\\kg`, `\\km`, …"""
POWERS = {'square': '2', 'cubic': '3', 'squared': '2', 'cubed': '3'}

NUMBER = re.compile(r'\s*([-+]?)\s*([\d.,\s]*)(?:\s*[eEdD]\s*\{?([-+]?\d+)\}?)?\s*')
UNIT_TOKEN = re.compile(
    r'\\([A-Za-z]+)\s*(?:\{([^{}]*)\})?|([A-Za-zµμΩ°Å%]+)|\^\{?(-?\d+)\}?|(/)|([.~*·])|\s+|(.)'
)


def number(source: str) -> str:
    r"""Return LaTeX for the number of `\num`; what is none stays as it is."""
    match = NUMBER.fullmatch(source)
    if not match or not (match[2] or match[3]):
        return source.replace(r'\pm', r'\pm ').replace('+-', r'\pm ')
    sign, digits, power = match[1], ''.join(match[2].split()), match[3]
    if power is None:
        return sign + digits
    return f'{sign}{digits}{chr(92) + "times " if digits else ""}10^{{{power.lstrip("+")}}}'


def angle(source: str) -> str:
    r"""Return LaTeX for the degrees, minutes and seconds of `\ang`."""
    parts = zip(source.split(';'), (r'^\circ', "'", "''"), strict=False)
    return ''.join(f'{number(part)}{mark}' for part, mark in parts if part.strip())


def unit(source: str) -> str:
    """Return LaTeX for a unit, written as commands or as letters."""
    written = _Unit()
    for token in UNIT_TOKEN.finditer(source):
        written.add(token)
    return r'\,'.join(written.factors).replace(r'\,/\,', '/')


class _Unit:
    """The factors so far, and what the commands before say about the next one."""

    def __init__(self) -> None:
        self.factors: list[str] = []
        self._sign = self._power = self._prefix = ''

    def add(self, token: re.Match[str]) -> None:
        command, argument, letters, power, slash, gap, other = token.groups()
        if command:
            self._command(command, argument)
        elif power:
            self._raise_last(power)
        elif slash:
            self.factors.append('/')
        elif letters or (other and not gap):
            self._factor(letters or other)

    def _command(self, name: str, argument: str | None) -> None:
        if name == 'per':
            self._sign = '-'
        elif name in PREFIXES:
            self._prefix = PREFIXES[name]
        elif name in ('squared', 'cubed'):
            self._raise_last(POWERS[name])
        elif name in ('tothe', 'raiseto') and argument:
            self._raise_last(argument)
        elif name in POWERS:
            self._power = POWERS[name]
        else:
            self._factor(UNITS.get(name) or (name if name in ABBREVIATIONS else f'\\{name} '))

    def _factor(self, name: str) -> None:
        power = self._sign + (self._power or ('1' if self._sign else ''))
        base = name if name.startswith(('^', "'")) else rf'\mathrm{{{self._prefix}{name}}}'
        if name.startswith('^') and name.endswith('C'):
            base = r'^\circ\mathrm{C}'
        self.factors.append(f'{base}^{{{power}}}' if power else base)
        self._sign = self._power = self._prefix = ''

    def _raise_last(self, power: str) -> None:
        if not self.factors:
            return
        base, _, sign = self.factors[-1].partition('^{-1}')
        is_inverse = self.factors[-1].endswith('^{-1}')
        self.factors[-1] = f'{base}{sign}^{{{"-" if is_inverse else ""}{power}}}'
