package provider

import (
	"fmt"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// literal is s as a string of HCL that can be pasted. An ID or address with "${" in it is text, and
// is never evaluated.
func literal(s string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(s)).Bytes())
}

// stopManaging prints how to stop managing an account without closing it, for a resource block and
// for one key of for_each, which a removed block cannot name.
func stopManaging(k userKind) string {
	return "To stop managing the account without closing it, replace its resource block with this block. " +
		"Write the name of your resource for NAME:\n\n" + fmt.Sprintf(`  removed {
    from = %[1]s.NAME
    lifecycle {
      destroy = false
    }
  }

If the account is one key of a for_each, remove the key instead. Write both of these blocks, with your own NAME and KEY:

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
