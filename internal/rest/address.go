package rest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
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
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(raw, "#"):
		return nil, errors.New("it must not hold a query or a fragment")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("plain http would show the key to everybody on the way; it is allowed for loopback addresses only")
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
