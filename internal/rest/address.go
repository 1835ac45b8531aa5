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
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// ParseBaseURL parses the base URL of a vendor's API: https, or http for a loopback host only, with
// a host and without credentials, query and fragment. The error says what is wrong. It does not
// repeat the credentials in the URL.
func ParseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("it is not a URL")
	}
	if err := checkBaseURL(u, raw); err != nil {
		return nil, err
	}
	if u.Host, err = requestHost(u); err != nil {
		return nil, err
	}
	u.RawPath = strings.TrimRight(u.EscapedPath(), "/") // an escaped slash at the end is part of a name
	u.Path, err = url.PathUnescape(u.RawPath)
	return u, err
}

// checkBaseURL returns what is wrong with u as a base URL, or nil. raw is the text of u.
func checkBaseURL(u *url.URL, raw string) error {
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New(`it must begin with "https://"`)
	case u.Hostname() == "":
		return errors.New("it names no host")
	case !rewritable(u):
		return errors.New("its host cannot be written into a request")
	case u.User != nil:
		return errors.New("it must not hold a user name or password")
	case relative(u):
		return errors.New(`it must not hold "." or ".." as a part of its path`)
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		return errors.New("it must not hold a query or a fragment")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("plain http would show the API key to others; it is allowed only for loopback addresses")
	}
	return nil
}

// requestHost returns the host and port of u as requests name them: in ASCII, as the DNS knows the
// host, and in lower case, because the exemption of loopback from a proxy is case-sensitive. The
// error says that there is no such name.
func requestHost(u *url.URL) (string, error) {
	if isASCII(u.Host) {
		return strings.ToLower(u.Host), nil
	}
	ascii, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil || !utf8.ValidString(u.Host) {
		return "", errors.New("its host is no name of the DNS")
	}
	return ascii + strings.TrimPrefix(u.Host, u.Hostname()), nil
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// rewritable reports whether the text of u, as requests write it, is a URL again. It is not for an
// IPv6 address with a zone that is not text.
func rewritable(u *url.URL) bool {
	_, err := url.Parse(u.String())
	return err == nil
}

// relative reports whether a segment of the path is "." or "..", escaped or not. Servers differ in
// how they resolve it.
func relative(u *url.URL) bool {
	for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
		if plain, err := url.PathUnescape(segment); err != nil || plain == "." || plain == ".." {
			return true
		}
	}
	return false
}

// asciiHost returns the host of a URL in the form of the DNS and of certificates: in lower case, in
// ASCII, without a dot at its end.
func asciiHost(u *url.URL) string {
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		return ip.String()
	}
	return strings.TrimPrefix(offboard.Normal("@"+u.Hostname()), "@")
}

// portOf returns the port of a URL, or the default port of its scheme.
func portOf(u *url.URL) string {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return strconv.Itoa(n)
	}
	return defaultPorts[u.Scheme]
}

var defaultPorts = map[string]string{"https": "443", "http": "80"}

// TenantOf returns the host and the path of a base URL in the form of Client.Tenant. The error is
// that of ParseBaseURL.
func TenantOf(raw string) (string, error) {
	base, err := ParseBaseURL(raw)
	if err != nil {
		return "", err
	}
	return tenant(base), nil
}

// tenant returns the host and the path of a base URL in one normal form, without the default port
// of the scheme.
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

// CheckSegment returns an error for a text that cannot be one segment of a path: the empty string,
// "." or "..", or one with control characters.
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

// address appends the segments, escaped, to the path of base, and a slash if the path ends in one.
func address(base *url.URL, segments []string, slash bool) (*url.URL, error) {
	u := *base
	var escaped strings.Builder
	escaped.WriteString(base.EscapedPath())
	for _, segment := range segments {
		if err := CheckSegment(segment); err != nil {
			return nil, fmt.Errorf("%q cannot be part of a path: %w", segment, err)
		}
		u.Path += "/" + segment
		// Some servers read a bare plus sign as a blank.
		escaped.WriteString("/" + strings.ReplaceAll(url.PathEscape(segment), "+", "%2B"))
	}
	if slash {
		u.Path += "/"
		escaped.WriteString("/")
	}
	u.RawPath = escaped.String()
	return &u, nil
}

// redirectHost returns the scheme and the host of the target of a redirect.
func redirectHost(resp *http.Response) string {
	to, err := resp.Location()
	if err != nil {
		return "it does not say where"
	}
	return to.Scheme + "://" + to.Host
}
