"""How the winner decides, as data: what it uses, how answers change with values, where it errs; asked of the packed artifact on scored rows."""
