"""Start Parlour with the settings of this computer: `python main.py --help` lists them."""

from chat.cli import main

if __name__ == '__main__':
    raise SystemExit(main())
