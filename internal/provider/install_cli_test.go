package provider

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
)

const installPage = "docs/guides/install.md"

// releaseName is how the files of a release begin, with the version of the page.
const releaseName = "terraform-provider-offboard_" + mirrorVersion

// installSteps are what a block of the page has in it, and what it prints.
var installSteps = []struct{ has, says string }{
	{"gpg --verify", "Good signature"},
	{"sha256sum --check", "_linux_amd64.zip: OK"},
	{"diff program.txt bill.txt", ""},
	{"mirror.tfrc", "Installed offboard/offboard v"},
	{"unpacked.tfrc", "Installed offboard/offboard v"},
	{"providers lock", "for windows_amd64"},
	{"network.tfrc <<EOF", ""},
	{"SSL_CERT_FILE", "Installed offboard/offboard v"},
	{"dev_overrides", "overrides are in effect"},
	{"state rm", "Removed offboard_ecgrid_user.otto"},
}

// The page is followed from its beginning to its end, with the files of a release. If there are those
// of "make release-snapshot" in dist/, it is these.
func TestInstall_thePageCanBeFollowed(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	ecgridCase.add(w.mock)
	c := emptyCLI(t, w)
	c.needsPrograms("gpg", "sha256sum", "unzip", "jq")
	version := c.unpackRelease()
	server := c.serveMirror()
	if err := os.Mkdir(filepath.Join(c.dir, "offboard"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(programDir, filepath.Join(c.dir, "offboard", ".bin")); err != nil {
		t.Fatal(err)
	}
	exactly := "source = \"offboard/offboard\"\n      version = \"" + version + "\"" // a snapshot has no other name
	c.write("main.tf", strings.Replace(required("offboard/offboard"), "source = \"offboard/offboard\"", exactly, 1))
	steps := installSteps
	for _, b := range pageBlocks(t) {
		if b.page != installPage || b.language != "shell" || b.reason != "" {
			continue
		}
		if len(steps) == 0 || !strings.Contains(b.text, steps[0].has) {
			t.Fatalf("got the block\n%s\nwant one of %v", b.text, steps)
		}
		switch steps[0].has {
		case "unpacked.tfrc", "SSL_CERT_FILE": // what an earlier block has installed would do
			c.removeAll(".terraform")
		case "state rm":
			c.remove("main.tf")
			c.manage(single("ines", "otto"))
		}
		text := strings.NewReplacer(
			mirrorVersion, version, "linux_amd64", platform, "https://mirror.acme.test/", server,
		).Replace(b.text)
		c.startProgram("sh", "-e", "-c", text).wait().want(0, strings.ReplaceAll(steps[0].says, "linux_amd64", platform))
		steps = steps[1:]
	}
	if len(steps) > 0 {
		t.Errorf("got no block for %v, want one", steps)
	}
	c.users()
	c.checkLock()
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at the vendor, want none", changes)
	}
}

// platform is the one of this machine.
const platform = runtime.GOOS + "_" + runtime.GOARCH

// checkLock checks that the lock file has checksums for each of three platforms.
func (c *cli) checkLock() {
	c.t.Helper()
	if lock := c.read(".terraform.lock.hcl"); strings.Count(lock, "h1:") != 3 {
		c.t.Errorf("got the lock file\n%s\nwant the checksums of three platforms", lock)
	}
}

// A zip in a mirror that is not the one of the lock file is not installed.
func TestInstall_aChangedZipIsRefused(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	c := emptyCLI(t, w)
	c.write("release.zip", string(zipOf(c.t, []byte("one"), "terraform-provider-offboard_v1.2.3")))
	c.write("main.tf", required("offboard/offboard"))
	for _, registry := range registries {
		folder := filepath.Join(c.dir, "mirror", registry, "offboard", "offboard")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(
			filepath.Join(c.dir, "release.zip"),
			filepath.Join(folder, releaseName+"_"+platform+".zip"),
		); err != nil {
			t.Fatal(err)
		}
	}
	c.write("mirror.tfrc", mirrorConfig("mirror"))
	c.env = append(c.env, "TF_CLI_CONFIG_FILE="+filepath.Join(c.dir, "mirror.tfrc"))
	c.run("init").want(0)
	c.removeAll(".terraform")
	c.write("release.zip", string(zipOf(c.t, []byte("another"), "terraform-provider-offboard_v1.2.3")))
	c.run("init", "-lockfile=readonly").want(1, "checksum")
}

// needsPrograms skips a test that runs programs which are not here.
func (c *cli) needsPrograms(names ...string) {
	c.t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			c.t.Skipf("this machine has no %s", name)
		}
	}
}

func (c *cli) removeAll(name string) {
	c.t.Helper()
	if err := os.RemoveAll(filepath.Join(c.dir, name)); err != nil {
		c.t.Fatal(err)
	}
}

// unpackRelease puts the files of a release into the folder release, and returns its version.
func (c *cli) unpackRelease() string {
	c.t.Helper()
	folder := filepath.Join(c.dir, "release")
	if err := os.Mkdir(folder, 0o700); err != nil {
		c.t.Fatal(err)
	}
	version := mirrorVersion
	packed, err := filepath.Glob("../../dist/*_SHA256SUMS")
	if err != nil {
		c.t.Fatal(err)
	}
	if len(packed) == 1 {
		_, version, _ = strings.Cut(strings.TrimSuffix(filepath.Base(packed[0]), "_SHA256SUMS"), "_")
		c.copyRelease(filepath.Dir(packed[0]))
	} else {
		c.packRelease()
	}
	c.sign(filepath.Join("release", "terraform-provider-offboard_"+version+"_SHA256SUMS"))
	return version
}

// copyRelease copies a release that was packed before. It has no signature.
func (c *cli) copyRelease(from string) {
	c.t.Helper()
	for _, pattern := range []string{"*.zip", "*.json", "*_SHA256SUMS"} {
		files, err := filepath.Glob(filepath.Join(from, "terraform-provider-offboard_"+pattern))
		if err != nil {
			c.t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				c.t.Fatal(err)
			}
			c.write(filepath.Join("release", filepath.Base(file)), string(text))
		}
	}
}

// packRelease makes files of the same form as a release, with the provider that is under test. There
// is no program for other platforms.
func (c *cli) packRelease() {
	c.t.Helper()
	program, err := os.ReadFile(filepath.Join(programDir, "terraform-provider-offboard"))
	if err != nil {
		c.t.Fatal(err)
	}
	files := map[string][]byte{
		releaseName + "_" + platform + ".cdx.json": billOf(c.t, program),
		releaseName + "_" + platform + ".zip":      zipOf(c.t, program, "terraform-provider-offboard_v"+mirrorVersion),
	}
	for _, other := range []string{"linux_amd64", "darwin_amd64", "windows_amd64"} {
		if other != platform {
			files[releaseName+"_"+other+".zip"] = zipOf(c.t, []byte(other), "terraform-provider-offboard_v"+mirrorVersion)
		}
	}
	var sums strings.Builder
	for name, text := range files {
		c.write(filepath.Join("release", name), string(text))
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(text), name)
	}
	c.write(filepath.Join("release", releaseName+"_SHA256SUMS"), sums.String())
}

// billOf is the bill of materials of a program, as far as the page speaks of it.
func billOf(tb testing.TB, program []byte) []byte {
	tb.Helper()
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		tb.Fatal(err)
	}
	components := []map[string]string{{"type": "library", "name": "std", "version": info.GoVersion}}
	for _, m := range info.Deps {
		components = append(components, map[string]string{"type": "library", "name": m.Path, "version": m.Version})
	}
	return encode(map[string]any{"bomFormat": "CycloneDX", "components": components})
}

// zipOf is a zip with one program, which is stored as it is, because that is faster.
func zipOf(tb testing.TB, program []byte, name string) []byte {
	tb.Helper()
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	header := &zip.FileHeader{Name: name, Method: zip.Store}
	header.SetMode(0o755)
	file, err := z.CreateHeader(header)
	if err == nil {
		_, err = file.Write(program)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return packed.Bytes()
}

// sign signs a file, and leaves the public key beside it.
func (c *cli) sign(name string) {
	c.t.Helper()
	key, err := openpgp.NewEntity("Offboard", "", "releases@acme.test", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	var signature, public bytes.Buffer
	if err := openpgp.DetachSign(&signature, key, strings.NewReader(c.read(name)), nil); err != nil {
		c.t.Fatal(err)
	}
	out, err := armor.Encode(&public, openpgp.PublicKeyType, nil)
	if err == nil {
		err = key.Serialize(out)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(name+".sig", signature.String())
	c.write(filepath.Join(filepath.Dir(name), "offboard.asc"), public.String())
}

// serveMirror serves the folder mirror over HTTPS, with a CA that is in the file ca.pem.
func (c *cli) serveMirror() string {
	c.t.Helper()
	server := httptest.NewTLSServer(http.FileServer(http.Dir(filepath.Join(c.dir, "mirror"))))
	c.t.Cleanup(server.Close)
	var ca bytes.Buffer
	if err := pem.Encode(&ca, &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}); err != nil {
		c.t.Fatal(err)
	}
	c.write("ca.pem", ca.String())
	return server.URL + "/"
}
