"""A self-test of the store on this computer: acknowledged writes must survive kills and a full disk."""
