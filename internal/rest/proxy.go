package rest

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// proxies returns a function that chooses the proxy of each request from the environment. A request
// fails if the address of its proxy cannot be used. Without the proxy, it would silently go where
// the network does not want it.
func proxies() func(*http.Request) (*url.URL, error) {
	env := httpproxy.FromEnvironment()
	unusable := map[string]error{}
	for scheme, of := range map[string]struct {
		value *string
		names [2]string
	}{
		"https": {&env.HTTPSProxy, [2]string{"HTTPS_PROXY", "https_proxy"}},
		"http":  {&env.HTTPProxy, [2]string{"HTTP_PROXY", "http_proxy"}},
	} {
		if *of.value == "" {
			continue
		}
		if err := checkProxy(*of.value); err != nil {
			name := of.names[0]
			if os.Getenv(name) == "" {
				name = of.names[1]
			}
			unusable[scheme] = &VariableError{name, err}
			*of.value = "http://unusable.invalid" // requests that need no proxy still get none
		}
	}
	choose := env.ProxyFunc()
	return func(req *http.Request) (*url.URL, error) {
		proxy, err := choose(req.URL)
		if proxy != nil && unusable[req.URL.Scheme] != nil {
			return nil, unusable[req.URL.Scheme]
		}
		return proxy, err
	}
}

// VariableError is an environment variable that cannot be used. It does not repeat the value, which
// may hold a password.
type VariableError struct {
	Variable string
	Err      error
}

func (e *VariableError) Error() string { return e.Variable + " cannot be used: " + e.Err.Error() }

// Unwrap returns what is wrong with it.
func (e *VariableError) Unwrap() error { return e.Err }

// checkProxy returns an error for a value that is not the address of a proxy. Go itself would
// ignore it, or take a password for a host.
func checkProxy(value string) error {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	switch {
	case err != nil:
		return errors.New("it is not a URL")
	case !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme):
		return errors.New(`it must begin with "http://", "https://" or "socks5://"`)
	case u.Hostname() == "" || strings.HasSuffix(u.Host, ":"):
		return errors.New("it names no host, or a port that is not valid")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New(
			"it must end after the host and the port; characters such as # and / in a password must be percent-encoded",
		)
	}
	return nil
}
