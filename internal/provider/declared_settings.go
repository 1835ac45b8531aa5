package provider

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

const (
	definitionSetting = "definition"
	// ofDefinition is what comes before the name of a setting that a definition asks for.
	ofDefinition = "settings."
)

// vendorsSetting is vendors of the provider block.
func vendorsSetting() schema.Attribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "Further vendors, each described by a definition. Their users are `offboard_user`. " +
			"A key is the name of the vendor: lower-case letters, digits and underscores, such as `parley`.",
		Optional: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			definitionSetting: schema.StringAttribute{
				MarkdownDescription: "The text of the definition, such as `file(\"parley.vendor.hcl\")`. " +
					"If the definition or one of the `settings` changes after a plan is saved, that plan closes no account " +
					"of this vendor. " +
					"Settings that the definition marks as sensitive may change.",
				Required: true,
			},
			"api_key": schema.StringAttribute{
				MarkdownDescription: "The API key. If it is not set, the environment variable `NAME_API_KEY` is used, " +
					"with the name of the vendor in upper case.",
				Optional:  true,
				Sensitive: true,
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "The part of the URL before the paths of the definition. " +
					"The default is the environment variable `NAME_BASE_URL`, or else the address in the definition. " +
					"Plain http is refused except for loopback.",
				Optional: true,
			},
			"settings": schema.MapAttribute{
				MarkdownDescription: "The settings that the definition asks for. One that is not set comes from the environment " +
					"variable `NAME_SETTING`, such as `PARLEY_REGION`, or else from its default in the definition.",
				ElementType: types.StringType,
				Optional:    true,
				Sensitive:   true,
			},
			"requests_per_second": schema.Float64Attribute{
				MarkdownDescription: "How many requests a second are sent at most. The default is `rate` of the definition, " +
					"or else 5. If the vendor asks for fewer, fewer are sent.",
				Optional: true,
			},
		}},
	}
}

// declaredKinds are the kinds of the vendors that the provider block declares.
type declaredKinds struct {
	kinds   map[string]userKind // by name
	unknown bool                // which vendors there are is not known yet
}

// kind is the kind of the users of a vendor. The diagnostic says why there is none.
func (d declaredKinds) kind(name types.String) (userKind, diag.Diagnostic) {
	k, ok := d.kinds[name.ValueString()]
	switch {
	case name.IsUnknown():
		return userKind{}, vendorUnknown()
	case !ok && d.unknown:
		return userKind{}, vendorsUnknown(name.ValueString())
	case !ok:
		return userKind{}, vendorNotDeclared(name.ValueString())
	}
	return k, nil
}

// declaration is one entry of vendors.
type declaration struct {
	kind       userKind
	settings   types.Object
	definition *declared.Definition // nil for one that is not known yet, or that cannot be used
	problems   []declared.Problem
}

// declarations are the entries of vendors that are not null, by name.
func declarations(vendors types.Map) map[string]declaration {
	all := map[string]declaration{}
	for name, element := range vendors.Elements() {
		settings, ok := element.(types.Object)
		if !ok || settings.IsNull() {
			continue
		}
		d := declaration{kind: kindDeclared(name, name), settings: settings}
		if text, ok := settings.Attributes()[definitionSetting].(types.String); ok && !text.IsUnknown() {
			d.definition, d.problems = parseDefinition(name, text.ValueString())
		}
		if len(d.problems) > 0 {
			d.definition = nil
		}
		if d.definition != nil {
			d.kind = kindDefined(d.definition, settings)
		}
		all[name] = d
	}
	return all
}

// checkDeclarations refuses vendors that cannot be used.
func checkDeclarations(all map[string]declaration) (diags diag.Diagnostics) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d := all[name]
		if err := checkVendorName(name); err != nil {
			diags.Append(unusableVendorName(name, err))
		}
		if len(d.problems) > 0 {
			diags.Append(unusableDefinition(name, d.problems))
		}
		for _, problem := range slices.Concat(d.kind.checkSettings(d.settings), d.checkOwnSettings()) {
			diags.Append(unusableSetting(d.kind, problem))
		}
	}
	diags.Append(checkVariables(all)...)
	return diags
}

// reservedNames are names whose environment variables are those of others.
var reservedNames = []string{"offboard", "user", "aws", "tf"}

func checkVendorName(name string) error {
	switch {
	case !declared.CheckName(name):
		return errors.New("a name is of lower-case letters, digits and underscores, and begins with a letter")
	case slices.Contains(reservedNames, name):
		return errors.New("this name is reserved")
	case slices.ContainsFunc(kinds, func(k userKind) bool { return k.name == name }):
		return errors.New("it is a vendor that the provider knows itself")
	}
	return nil
}

// checkOwnSettings finds entries of settings for which the definition does not ask.
func (d declaration) checkOwnSettings() (problems []*rest.SettingError) {
	given, _ := d.settings.Attributes()["settings"].(types.Map)
	if d.definition == nil {
		return nil
	}
	names := d.settingNames()
	for _, name := range slices.Sorted(maps.Keys(given.Elements())) {
		if !slices.Contains(names, name) {
			known := "none"
			if len(names) > 0 {
				known = strings.Join(names, ", ")
			}
			problems = append(problems, &rest.SettingError{
				Setting: ofDefinition + name, Err: fmt.Errorf("the definition has no such setting. It has: %s", known),
			})
		}
	}
	return problems
}

// settingNames are the settings for which the definition asks.
func (d declaration) settingNames() (names []string) {
	if d.definition == nil {
		return nil
	}
	for _, s := range d.definition.Settings() {
		names = append(names, s.Name)
	}
	return names
}

// checkVariables refuses two settings with the same environment variable.
func checkVariables(all map[string]declaration) (diags diag.Diagnostics) {
	owners := map[string]string{}
	for _, k := range kinds {
		for _, name := range slices.Concat([]string{"api_key", "base_url"}, slices.Collect(maps.Keys(k.extraSettings))) {
			owners[k.variable(name)] = k.block() + "." + name
		}
	}
	for _, vendor := range slices.Sorted(maps.Keys(all)) {
		k, names := all[vendor].kind, []string{"api_key", "base_url"}
		for _, name := range all[vendor].settingNames() {
			names = append(names, ofDefinition+name)
		}
		for _, name := range names {
			variable := k.variable(strings.TrimPrefix(name, ofDefinition))
			if first, taken := owners[variable]; taken {
				diags.Append(variableClash(variable, first, k.block()+"."+name))
			}
			owners[variable] = k.block() + "." + name
		}
	}
	return diags
}

// declare makes the sessions with the declared vendors.
func (c *clients) declare(vendors types.Map, all map[string]declaration, config rest.Config) {
	c.declared = declaredKinds{kinds: map[string]userKind{}, unknown: vendors.IsUnknown()}
	for name, d := range all {
		c.declared.kinds[name] = d.kind
		if d.definition == nil {
			c.problems[name] = d.kind.problem(&rest.SettingError{Setting: definitionSetting, Err: errUnknown})
			continue
		}
		c.problems[name] = d.kind.configure(c, d.settings, config)
	}
}

// keysInQuery are the titles of the vendors that want the API key in the query.
func keysInQuery(all map[string]declaration) (titles []string) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if d := all[name]; d.definition != nil && d.definition.KeyInQuery() {
			titles = append(titles, d.kind.title)
		}
	}
	return titles
}

// declaredConfig is what a session with a declared vendor is made of.
type declaredConfig struct {
	rest.Config
	kind     userKind
	settings types.Object // of the vendor in the provider block
}

func connectDeclared(d *declared.Definition, config declaredConfig) (vendor, error) {
	values, public, secrets := map[string]string{}, map[string]string{}, []string{config.APIKey}
	for _, s := range d.Settings() {
		value, err := config.setting(s)
		if err != nil {
			return nil, &rest.SettingError{Setting: ofDefinition + s.Name, Err: err}
		}
		switch {
		case value == "":
			continue
		case s.Sensitive:
			secrets = append(secrets, value)
		default:
			public[s.Name] = value
		}
		values[s.Name] = value
	}
	config.Log = maskedLog(secrets...)
	client, err := declared.New(d, declared.Config{Config: config.Config, Settings: values})
	if err != nil {
		return nil, err
	}
	return newDeclaredVendor(client, config.hash(public), config.Log), nil
}

// hash is a hash of the definition and of the settings that are no credentials.
func (c declaredConfig) hash(public map[string]string) string {
	text, _ := c.settings.Attributes()[definitionSetting].(types.String)
	sum := sha256.Sum256(encode(map[string]any{definitionSetting: text.ValueString(), "settings": public}))
	return hex.EncodeToString(sum[:8])
}

// setting is the value of a setting from the provider block, or else from the environment. It is empty
// for one that has neither, and a default.
func (c declaredConfig) setting(s declared.Setting) (string, error) {
	given, _ := c.settings.Attributes()["settings"].(types.Map)
	written, _ := given.Elements()[s.Name].(types.String)
	if given.IsUnknown() || written.IsUnknown() {
		return "", errUnknown
	}
	value := cmp.Or(written.ValueString(), os.Getenv(c.kind.variable(s.Name)))
	if value == "" && s.Default == nil {
		return "", errMissing
	}
	return value, nil
}
