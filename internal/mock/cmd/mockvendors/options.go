package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// invented is the number of people if neither -users nor -seed is set.
const invented = 8

// options has what the command line says.
type options struct {
	addr    string
	key     string
	seed    string
	users   int
	latency time.Duration
	verbose bool
	strict  bool
	ca      string
}

// parseOptions reads the command line. If it asks for help, parseOptions prints that and returns
// flag.ErrHelp.
func parseOptions(args []string, stdout io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("mockvendors", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8900", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&o.key, "api-key", "mock-key", "the one `key` that all vendors accept")
	flags.StringVar(&o.seed, "seed", "", "`file` with the users, in JSON")
	flags.IntVar(&o.users, "users", invented,
		"`number` of invented people at each vendor, the same on every start; with -seed none unless given")
	flags.DurationVar(&o.latency, "latency", 0, "`time` every answer waits")
	flags.StringVar(&o.ca, "ca", "", "serve HTTPS with HTTP/2, and write the certificate to trust to this `file`")
	flags.BoolVar(&o.strict, "strict", false, "answer 403 to a GET with a body, as some proxies do")
	flags.BoolVar(&o.verbose, "verbose", false, "log every request to standard error")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(stdout)
			flags.Usage()
			printSeedFormat(stdout)
		}
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	isSet := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { isSet[f.Name] = true })
	if isSet["seed"] && !isSet["users"] {
		o.users = 0
	}
	return o, o.check(isSet)
}

// printSeedFormat prints what can be in a seed file.
func printSeedFormat(w io.Writer) {
	fmt.Fprint(w, `
The seed file is a JSON object with a list of users for each vendor. Each user has an id and a name:

  {"ecgrid": [{"id": 30417, "name": "Ines Varga", "email": "ines.varga@acme.test"}]}

These are the fields of a user. docs/guides/mock.md describes them.

`)
	for _, v := range mock.New("").Vendors() {
		fmt.Fprintf(w, "  %-13s  %s\n", v.Name, strings.Join(v.Fields, " "))
	}
}

// check returns what is wrong with the values of the flags.
func (o *options) check(isSet map[string]bool) error {
	switch {
	case o.users < 0:
		return fmt.Errorf("-users is %d and cannot be negative", o.users)
	case o.latency < 0:
		return fmt.Errorf("-latency is %s and cannot be negative", o.latency)
	case o.key == "":
		return errors.New("-api-key cannot be empty")
	case isSet["seed"] && o.seed == "":
		return errors.New("-seed cannot be empty")
	case isSet["ca"] && o.ca == "":
		return errors.New("-ca cannot be empty")
	}
	return nil
}
