package provider

import "fmt"

// stopManaging prints how to stop managing an account without closing it, for a resource block and for one key of for_each, which a removed block cannot name.
func stopManaging(k userKind) string {
	return fmt.Sprintf(`To stop managing the account without closing it, write this in the place of its resource block, with the name of your resource for NAME:

  removed {
    from = %[1]s.NAME
    lifecycle {
      destroy = false
    }
  }

If the account is one key of a for_each, remove the key instead, and write both of these blocks, with your own NAME and KEY:

  moved {
    from = %[1]s.NAME["KEY"]
    to   = %[1]s.not_managed
  }

  removed {
    from = %[1]s.not_managed
    lifecycle {
      destroy = false
    }
  }`, k.typeName())
}
