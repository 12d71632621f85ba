"""Start Parlour with the settings of this computer: `python main.py --help` lists them."""

from chat.command_line import main

if __name__ == '__main__':
    raise SystemExit(main())
