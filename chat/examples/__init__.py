"""Agents to try and to begin from: `python main.py --agent chat.examples.weather:agent`.

Each uses the model that is picked. Where there is no key yet, it brings a script along that calls its tools
as a model would, and says that it is none.
"""
