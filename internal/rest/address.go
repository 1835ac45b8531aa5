package rest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// ParseBaseURL checks the address of a vendor's API: https, or http on the loopback interface only, with a host and
// without credentials, query and fragment. The error says what is wrong and does not repeat the address's credentials.
func ParseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("it is not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New(`it must begin with "https://"`)
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	case !rewritable(u):
		return nil, errors.New("its host cannot be written into a request")
	case u.User != nil:
		return nil, errors.New("it must not hold a user name or password")
	case relative(u):
		return nil, errors.New(`it must not hold "." or ".." as a part of its path`)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(raw, "#"):
		return nil, errors.New("it must not hold a query or a fragment")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("plain http would show the API key to others; it is allowed only for loopback addresses")
	}
	u.Host = strings.ToLower(u.Host)                    // what exempts loopback from a proxy minds the case
	u.RawPath = strings.TrimRight(u.EscapedPath(), "/") // an escaped slash at the end is part of a name
	u.Path, err = url.PathUnescape(u.RawPath)
	return u, err
}

// rewritable tells whether u, written out as requests do it, is a URL again. A zone of an IPv6 address that is no text is not.
func rewritable(u *url.URL) bool {
	_, err := url.Parse(u.String())
	return err == nil
}

// relative reports whether a segment of the path is a dot or two, escaped or not. Servers differ in what they make of it.
func relative(u *url.URL) bool {
	for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
		if plain, err := url.PathUnescape(segment); err != nil || plain == "." || plain == ".." {
			return true
		}
	}
	return false
}

// asciiHost is the host of a URL as the DNS and certificates have it: in lower case, in ASCII, without the dot of the root.
func asciiHost(u *url.URL) string {
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		return ip.String()
	}
	return strings.TrimPrefix(offboard.Normal("@"+u.Hostname()), "@")
}

// portOf is the port of a URL, also where it names none.
func portOf(u *url.URL) string {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return strconv.Itoa(n)
	}
	return defaultPorts[u.Scheme]
}

var defaultPorts = map[string]string{"https": "443", "http": "80"}

// TenantOf is the host and the path of a base URL in the form of Client.Tenant, without the scheme's own port. An error says why it is none.
func TenantOf(raw string) (string, error) {
	base, err := ParseBaseURL(raw)
	if err != nil {
		return "", err
	}
	return tenant(base), nil
}

// tenant is the host and the path of a base URL in one normal form, so that two ways to write one address are the same.
func tenant(base *url.URL) string {
	host, port := asciiHost(base), portOf(base)
	switch {
	case port != defaultPorts[base.Scheme]:
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	segments := strings.Split(strings.TrimRight(base.EscapedPath(), "/"), "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err == nil {
			segments[i] = url.PathEscape(plain)
		}
	}
	return host + strings.Join(segments, "/")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// CheckSegment refuses what cannot be one segment of a path: the empty string, a dot or two, control characters.
func CheckSegment(segment string) error {
	switch {
	case segment == "":
		return errors.New("it is empty")
	case segment == "." || segment == "..":
		return errors.New("it is a relative path")
	case strings.ContainsFunc(segment, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }):
		return errors.New("it holds a control character or is not valid UTF-8")
	}
	return nil
}

// address puts the escaped segments below base.
func address(base *url.URL, segments []string) (*url.URL, error) {
	u := *base
	escaped := base.EscapedPath()
	for _, segment := range segments {
		if err := CheckSegment(segment); err != nil {
			return nil, fmt.Errorf("%q cannot be part of a path: %w", segment, err)
		}
		u.Path += "/" + segment
		escaped += "/" + strings.ReplaceAll(url.PathEscape(segment), "+", "%2B") // some servers read a bare one as a blank
	}
	u.RawPath = escaped
	return &u, nil
}

// redirectHost names where a redirect leads, without its path and query.
func redirectHost(resp *http.Response) string {
	to, err := resp.Location()
	if err != nil {
		return "it does not say where"
	}
	return to.Scheme + "://" + to.Host
}
