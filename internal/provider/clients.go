package provider

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// clients is what a configured provider hands to its resources: a session with each vendor that can
// be used, the reason for each that cannot, and the guards.
type clients struct {
	vendors  map[string]vendor
	declared declaredKinds
	problems map[string]*settingProblem // by vendor; nil when it can be used
	clocks   map[string]*rest.Clock     // of the vendors
	guards   *closing.Guards
	evidence *closing.Recorder
	readings readings
	written  writtenBlocks
	down     downVendors
	locks    closing.Locks
	checks   planClock
}

// settingProblem is why a vendor cannot be used.
type settingProblem struct {
	// the attribute in the provider block, and the environment variable that stands in for it; empty for
	// an attribute without one
	setting, variable string
	reason            string
	clash             bool // both are set, and they may name two addresses
	unset             bool // no API key is set
	written           bool // the provider block has settings of the vendor, or the environment has one
}

var (
	errMissing = errors.New("it is not set")
	errUnknown = errors.New("its value is not known yet, because it comes from something that is not applied")
)

// configure makes the session with the vendor and puts it into c, or says why it cannot.
func (k userKind) configure(c *clients, settings types.Object, config rest.Config) *settingProblem {
	site := ""
	for _, setting := range []struct {
		name string
		into *string
	}{{"api_key", &config.APIKey}, {"base_url", &config.BaseURL}, {"site", &site}} {
		value, err := k.setting(settings, setting.name)
		if err != nil {
			return k.problem(&rest.SettingError{Setting: setting.name, Err: err})
		}
		*setting.into = value
	}
	address := k.variable("base_url")
	if written(settings, "site") && !written(settings, "base_url") && os.Getenv(address) != "" {
		reason := address + " in the environment may name another site"
		return &settingProblem{
			setting: k.block() + ".site", variable: address, reason: reason, clash: true, unset: config.APIKey == "",
			written: true,
		}
	}
	if config.APIKey == "" {
		problem := k.problem(&rest.SettingError{Setting: "api_key", Err: errMissing})
		_, named := os.LookupEnv(k.variable("api_key")) // a pipeline leaves it empty if its secret is not there
		problem.unset, problem.written = true, named || !settings.IsNull() || config.BaseURL != "" || site != ""
		return problem
	}
	if rps, ok := settings.Attributes()["requests_per_second"].(types.Float64); ok {
		config.RequestsPerSecond = rps.ValueFloat64()
	}
	config.Vendor = k.name
	config.Log = maskedLog(config.APIKey)
	config.Clock = &rest.Clock{}
	c.clocks[k.name] = config.Clock
	session, err := k.connect(config, site)
	c.vendors[k.name] = session
	return k.problem(err)
}

// written reports whether a setting stands in the provider block.
func written(settings types.Object, name string) bool {
	value, ok := settings.Attributes()[name].(types.String)
	return ok && !value.IsNull()
}

// setting is a field of the vendor's settings, or else its environment variable; empty when there
// is neither.
func (k userKind) setting(settings types.Object, name string) (string, error) {
	if settings.IsUnknown() {
		return "", errUnknown
	}
	if value, ok := settings.Attributes()[name].(types.String); ok && !value.IsNull() {
		if value.IsUnknown() {
			return "", errUnknown
		}
		return value.ValueString(), nil
	}
	return os.Getenv(k.variable(name)), nil
}

// variable is the environment variable that stands in for a setting.
func (k userKind) variable(setting string) string { return strings.ToUpper(k.name + "_" + setting) }

// standIn is the environment variable that stands in for what an error calls a setting; empty for the
// definition of a vendor, for which none does.
func (k userKind) standIn(setting string) string {
	if setting == definitionSetting {
		return ""
	}
	return k.variable(strings.TrimPrefix(setting, ofDefinition))
}

func (k userKind) problem(err error) *settingProblem {
	var setting *rest.SettingError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &setting):
		return &settingProblem{
			setting:  k.block() + "." + setting.Setting,
			variable: k.standIn(setting.Setting),
			reason:   setting.Err.Error(),
		}
	default:
		return &settingProblem{setting: k.block(), variable: k.variable("api_key"), reason: err.Error()}
	}
}

// maskedLog writes to Terraform's log at the level of debugging, and never a key.
func maskedLog(keys ...string) rest.Log {
	return func(ctx context.Context, message string, fields ...map[string]any) {
		ctx = tflog.MaskAllFieldValuesStrings(tflog.MaskMessageStrings(ctx, keys...), keys...)
		tflog.Debug(ctx, message, fields...)
	}
}

// stringCheck makes a validator of a function. Unknown values pass.
type stringCheck struct {
	what  string
	check func(string) error
}

func check(what string, f func(string) error) validator.String { return stringCheck{what, f} }

// Description implements validator.String.
func (c stringCheck) Description(context.Context) string { return "must be usable as " + c.what }

// MarkdownDescription implements validator.String.
func (c stringCheck) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateString implements validator.String. The value is not repeated, for it may be a secret.
func (c stringCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := c.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(unusableValue(req.Path, c.what, err))
	}
}

// text is a string for the state: null when the vendor shows none.
func text(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}
