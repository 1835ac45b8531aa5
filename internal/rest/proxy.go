package rest

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// proxies chooses the proxy of each request as the environment says at this moment. A request that would go through a proxy whose
// address cannot be used fails: to pass it by would send the request where the network does not want it, without a word.
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
			*of.value = "http://unusable.invalid" // so that what needs no proxy still finds that out
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

// VariableError is an environment variable that cannot be used. It does not repeat the value, which may hold a password.
type VariableError struct {
	Variable string
	Err      error
}

func (e *VariableError) Error() string { return e.Variable + " cannot be used: " + e.Err.Error() }

// Unwrap gives what is wrong with it.
func (e *VariableError) Unwrap() error { return e.Err }

// checkProxy refuses what is no address of a proxy. Go itself would ignore it, or take a password for a host.
func checkProxy(value string) error {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	switch {
	case err != nil:
		return errors.New("it is not a URL")
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" && u.Scheme != "socks5h":
		return errors.New(`it must begin with "http://", "https://" or "socks5://"`)
	case u.Hostname() == "" || strings.HasSuffix(u.Host, ":"):
		return errors.New("it names no host, or a port that is not valid")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("it must end after the host and the port; characters such as # and / in a password must be percent-encoded")
	}
	return nil
}
