"""What stands in the chats that are shown."""

from tests.support.replies import ToolCall
from tests.support.stored_chats import StoredChat

QUESTION = 'How accurate is the trapezoidal rule?'
ANSWER = r"""With $n$ steps of width $h = (b - a) / n$ the error falls with the **square** of the step:

$$\left|E\right| \le \frac{(b - a)\,h^2}{12} \max_{[a, b]} \left|f''(x)\right|$$

```python
def trapezoid(f, a: float, b: float, n: int) -> float:
    '''Integrate f from a to b in n steps.'''
    h = (b - a) / n
    inner = sum(f(a + k * h) for k in range(1, n))
    return h * ((f(a) + f(b)) / 2 + inner)
```

| steps | error for $\sin x$ on $[0, \pi]$ |
|------:|---------:|
| 10 | 1.6e-2 |
| 100 | 1.6e-4 |
| 1000 | 1.6e-6 |
"""
BREAD = (
    ('How long does dough rest that nobody kneads?', 'Twelve to eighteen hours, at the warmth of a room.'),
    ('And with less yeast?', 'Then it may rest a whole day, and tastes the better for it.'),
)
LISBON = (('Which days in May are quiet?', 'Most of them, but for the rest of the week of Santo António.'),)
STORED_CHATS = [
    StoredChat(number=1, title='The trapezoidal rule', turns=((QUESTION, ANSWER),)),
    StoredChat(number=2, title='Bread without kneading', turns=BREAD),
    StoredChat(number=3, title='A trip to Lisbon in May', days=1, turns=LISBON),
    StoredChat(number=4, title='Regular expressions for dates', days=1),
    StoredChat(number=5, title='Why is the sky blue?', days=4),
    StoredChat(number=6, title='A letter to the landlord', days=12),
    StoredChat(number=7, title='Gifts for a ten-year-old', days=40),
]
THOUGHT = 'The question is about the **error**, so the second derivative matters. Let me recall the bound.\n'
LOOKED_UP = ToolCall(name='look_up', arguments='{"what": "the error of quadrature rules"}')
