"""What holds for all tests."""

import os

os.environ['PYTHON_KEYRING_BACKEND'] = 'keyring.backends.fail.Keyring'  # never the keyring of a developer
