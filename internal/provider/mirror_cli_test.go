package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// mirrorVersion is the version of the provider in a mirror.
const mirrorVersion = "1.2.3"

// mirrored makes the CLI of a directory install the provider from a mirror of files, as "terraform
// init" does. With dev_overrides there is nothing to install.
func (c *cli) mirrored() *cli {
	c.t.Helper()
	config, err := prepareMirror()
	if err != nil {
		c.t.Fatal(err)
	}
	c.env = append(c.env, "TF_CLI_CONFIG_FILE="+config)
	return c
}

// prepareMirror puts the provider, unpacked, into a mirror that all tests share. It returns the path
// of the CLI's configuration.
var prepareMirror = sync.OnceValues(func() (string, error) {
	mirror := filepath.Join(programDir, "mirror")
	for _, registry := range registries {
		folder := filepath.Join(mirror, registry, "offboard", "offboard", mirrorVersion, platform)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return "", err
		}
		from := filepath.Join(programDir, "terraform-provider-offboard")
		if err := os.Link(from, filepath.Join(folder, "terraform-provider-offboard_v"+mirrorVersion)); err != nil {
			return "", err
		}
	}
	config := filepath.Join(programDir, "mirror.rc")
	return config, os.WriteFile(config, []byte(mirrorConfig(mirror)), 0o600)
})

// mirrorConfig is the configuration of a CLI that installs everything from a mirror of files.
func mirrorConfig(mirror string) string {
	return fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
}

// locked writes the lock file of a folder of the directory.
func (c *cli) locked(folder string) {
	c.t.Helper()
	c.startProgram(c.path, "-chdir="+folder, "init", "-backend=false", "-input=false").wait().want(0)
	if err := os.RemoveAll(filepath.Join(c.dir, folder, ".terraform")); err != nil {
		c.t.Fatal(err)
	}
}

// copyTree copies all files below a folder.
func copyTree(t *testing.T, to, from string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
