package main

import (
	"os"
	"testing"
)

func TestSilence(t *testing.T) {
	for name, c := range map[string]struct{ all, provider, want string }{
		"nobody listens":                {"", "", "off"},
		"everything is asked for":       {"debug", "", ""},
		"the providers' log is wanted":  {"", "trace", ""},
		"everything, as JSON, is asked": {"json", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TF_LOG", c.all)
			t.Setenv("TF_LOG_PROVIDER", c.provider)
			t.Setenv("TF_LOG_SDK", "")
			t.Setenv("TF_LOG_PROVIDER_OFFBOARD", "")
			if err := silence(); err != nil {
				t.Fatal(err)
			}
			for _, variable := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_OFFBOARD"} {
				if got := os.Getenv(variable); got != c.want {
					t.Errorf("got %s=%q, want %q", variable, got, c.want)
				}
			}
		})
	}
}
