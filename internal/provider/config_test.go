package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Here is what a test writes into a configuration of a CLI, for a user of any vendor. A vendor that
// a definition describes has another type of resource, and each block names it.

// hcl is a value as a configuration has it.
func hcl(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return literal(value)
	case attributes:
		text := "{\n"
		for _, name := range slices.Sorted(maps.Keys(value)) {
			text += fmt.Sprintf("%s = %s\n", name, hcl(value[name]))
		}
		return text + "}"
	default:
		return fmt.Sprint(value)
	}
}

// access are the settings of a vendor that reach the mock at this address.
func (v vendorCase) access(url string) attributes {
	return attributes{"api_key": mockKey, "base_url": url + v.prefix(), "requests_per_second": 100000}
}

// vendorSettings are those of all vendors in a provider block.
func vendorSettings(url string) attributes {
	block := attributes{"vendors": twinSettings(func(v vendorCase) attributes { return v.access(url) })}
	for _, v := range vendorCases {
		if v.builtIn() {
			block[v.kind.name] = v.access(url)
		}
	}
	return block
}

// onlyVendors are settings for driverOf with these vendors alone, because all of them would take half of the
// time of a short test.
func onlyVendors(url string, cases ...vendorCase) attributes {
	all, declared := attributes{}, attributes{}
	for _, v := range vendorCases {
		if v.builtIn() {
			all[v.kind.name] = nil
		}
	}
	for _, v := range cases {
		if v.builtIn() {
			all[v.kind.name] = v.access(url)
		} else {
			declared[v.kind.name] = v.entry(v.access(url))
		}
	}
	all["vendors"] = declared
	return all
}

// provider is the provider block, with further settings in it, followed by other blocks. The
// settings may be those of the declared vendors.
func (w *testEnv) provider(settings string, blocks ...string) string {
	config, vendors := "provider \"offboard\" {\n"+settings+"\n", vendorSettings(w.url)
	if w.only != nil {
		vendors = w.only.settings(w.only.access(w.url), nil)
	}
	for _, name := range slices.Sorted(maps.Keys(vendors)) {
		if !strings.Contains(settings, name+" = {") {
			config += name + " = " + hcl(vendors[name]) + "\n"
		}
	}
	return config + "}\n\n" + strings.Join(blocks, "\n")
}

// least is a provider block that says nothing of the vendor except how it is described, and these
// settings.
func (v vendorCase) least(settings attributes) string {
	return "provider \"offboard\" " + hcl(v.settings(nil, settings)) + "\n"
}

// naming is the argument of every block that names the vendor.
func (v vendorCase) naming() string {
	if v.twin == "" {
		return ""
	}
	return fmt.Sprintf("  %s = %q\n", vendorAttribute, v.kind.name)
}

// user is a resource block.
func (v vendorCase) user(name, arguments string) string {
	return fmt.Sprintf("resource %q %q {\n%s%s\n}\n", v.kind.typeName(), name, v.naming(), arguments)
}

// block is the resource block of one user, named by the ID.
func (v vendorCase) block(id, arguments string) string {
	return v.user(label(id), fmt.Sprintf("  id = %q\n%s", id, arguments))
}

// pair is the resource block of two users, with the name all, and what each.value is of them.
func (v vendorCase) pair(ines, otto any, arguments string) string {
	return v.user("all", "  for_each = "+hcl(attributes{"ines": ines, "otto": otto})+"\n"+arguments)
}

// data is a data block: of one user, or of all with the plural s.
func (v vendorCase) data(plural, name, arguments string) string {
	return fmt.Sprintf("data \"%s%s\" %q {\n%s%s\n}\n", v.kind.typeName(), plural, name, v.naming(), arguments)
}

// query is a list block, with filters.
func (v vendorCase) query(name, arguments, filters string) string {
	return fmt.Sprintf("list %q %q {\n  provider = offboard\n%s\n  config {\n%s%s\n  }\n}\n",
		v.kind.typeName(), name, arguments, v.naming(), filters)
}

// imports is the import block of a user with a resource block of their own.
func (v vendorCase) imports(id string) string { return v.importsTo(v.address(id), id) }

// importsTo is the import block of a user by an ID or an email address.
func (v vendorCase) importsTo(address, id string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, v.kind.importID(id))
}

// importsPair is the import block of a pair, by an identity or else by ID.
func (v vendorCase) importsPair(identity string) string {
	by := fmt.Sprintf("id = %q", v.kind.importID("${each.value}"))
	if identity != "" {
		by = "identity = {\n" + v.naming() + identity + "\n  }"
	}
	return fmt.Sprintf("import {\n  for_each = { ines = %q, otto = %q }\n  to = %s.all[each.key]\n  %s\n}\n",
		v.id, v.other, v.kind.typeName(), by)
}

func (v vendorCase) address(id string) string { return v.kind.typeName() + "." + label(id) }

func label(id string) string { return "u-" + strings.NewReplacer("@", "-", ".", "-").Replace(id) }
