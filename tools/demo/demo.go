package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// acme is the configuration that the demo starts with.
//
//go:embed acme
var acme embed.FS

const (
	ines = "ines.varga@acme.test"
	otto = "otto.ostrander@acme.test"
	mina = "mina.okafor@acme.test"
)

// demo has what the steps of the demo use.
type demo struct {
	mock      *mock.Server
	lists     *lists
	terraform *terraform
	dir       string // of the configuration
}

// run runs all steps, or returns the first thing that is not as it should be.
func (d *demo) run(ctx context.Context) error {
	d.addPeople()
	if err := os.CopyFS(filepath.Dir(d.dir), acme); err != nil {
		return err
	}
	steps := []struct {
		title string
		run   func(context.Context) error
	}{
		{"Who has an account? The vendors' own lists", d.before},
		{"Import: what exists is imported, and nothing is created", d.importAll},
		{"Ines leaves: her file is deleted, and the plan says what happens", d.leave},
		{"Apply: three vendors close her account, and sFOX still holds money", d.apply},
		{"The money is withdrawn, and the same two commands finish", d.finish},
		{"Who has an account now? The vendors' own lists", d.after},
	}
	for i, step := range steps {
		heading(fmt.Sprintf("%d of %d. %s", i+1, len(steps), step.title))
		if err := step.run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// addPeople adds the users of the vendors. No block manages Mina's accounts.
func (d *demo) addPeople() {
	d.mock.Konstantly.Add(mock.KonstantlyUser{ID: "u7k2m9", Name: "Ines Varga", Email: ines})
	d.mock.Konstantly.Add(mock.KonstantlyUser{ID: "u8x3p1", Name: "Otto Ostrander", Email: otto, Role: "author"})
	d.mock.Konstantly.Add(mock.KonstantlyUser{ID: "u9b4q2", Name: "Mina Okafor", Email: mina})
	d.mock.ECGrid.Add(mock.ECGridUser{ID: 30417, Name: "Ines Varga", Email: ines, Login: "i.varga", MailboxID: 880})
	d.mock.ECGrid.Add(mock.ECGridUser{
		ID: 30418, Name: "Otto Ostrander", Email: otto, Login: "o.ostrander", MailboxID: 880,
	})
	d.mock.SFOX.Add(mock.SFOXUser{
		ID: "cust-7f31", Name: "Ines Varga", Email: ines, Balances: map[string]string{"btc": "0.015", "usd": "0"},
	})
	d.mock.SFOX.Add(mock.SFOXUser{ID: "cust-7f33", Name: "Mina Okafor", Email: mina})
	d.mock.Skillable.Add(mock.SkillableUser{ID: "emp-3107", Name: "Ines Varga", Email: ines, History: 2})
}

func (d *demo) before(ctx context.Context) error {
	say("Four mock vendors listen on %s. Nothing leaves this machine.\n"+
		"The demo asks them with plain HTTP, without the provider. User 7 of ECGrid\n"+
		"owns the key. Skillable cannot list users. It shows the labs of a known ID.", d.lists.address)
	return d.show(ctx, map[string]string{
		ines: "Konstantly ECGrid sFOX Skillable", otto: "Konstantly ECGrid", mina: "Konstantly sFOX",
	})
}

func (d *demo) importAll(ctx context.Context) error {
	say("ines.tf has the IDs of her four accounts, and the email address to make sure\n" +
		"who is meant. otto.tf does the same for Otto, who stays. No block manages Mina.")
	text, err := os.ReadFile(filepath.Join(d.dir, "ines.tf"))
	if err != nil {
		return err
	}
	command("cat ines.tf")
	say("%s", indent(string(text)))
	if err := d.terraform.quiet(ctx, "init"); err != nil {
		return err
	}
	if err := d.terraform.run(ctx, succeeds, "plan", "-out=import.tfplan"); err != nil {
		return err
	}
	if err := d.terraform.run(ctx, succeeds, "apply", "import.tfplan"); err != nil {
		return err
	}
	say("The accounts are imported. The configuration and the vendors agree:")
	if err := d.terraform.run(ctx, succeeds, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	if changes := d.changes(); len(changes) > 0 {
		return fmt.Errorf("the import changed something at a vendor: %v", changes)
	}
	return nil
}

func (d *demo) leave(ctx context.Context) error {
	say("This is the whole pull request: it deletes one file. The plan reads her live\n" +
		"accounts, and warns of what blocks a closure.")
	command("rm ines.tf")
	if err := os.Remove(filepath.Join(d.dir, "ines.tf")); err != nil {
		return err
	}
	return d.terraform.run(ctx, succeeds, "plan", "-out=leave.tfplan")
}

func (d *demo) apply(ctx context.Context) error {
	say("At sFOX the closure is refused before a call is made. So the apply ends with an\nerror, as it should:")
	if err := d.terraform.run(ctx, fails, "apply", "leave.tfplan"); err != nil {
		return err
	}
	say("The closed accounts have left the state. The open one has not:")
	if err := d.terraform.run(ctx, succeeds, "state", "list"); err != nil {
		return err
	}
	return d.show(ctx, map[string]string{ines: "sFOX", otto: "Konstantly ECGrid", mina: "Konstantly sFOX"})
}

func (d *demo) finish(ctx context.Context) error {
	say("Ines withdraws her 0.015 btc at sFOX. Only she can do that, with a code from her mail.")
	d.mock.SFOX.Update("cust-7f31", func(u *mock.SFOXUser) { u.Balances["btc"] = "0" })
	if err := d.terraform.run(ctx, succeeds, "plan", "-out=leave.tfplan"); err != nil {
		return err
	}
	return d.terraform.run(ctx, succeeds, "apply", "leave.tfplan")
}

func (d *demo) after(ctx context.Context) error {
	if err := d.terraform.run(ctx, succeeds, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	if err := d.show(ctx, map[string]string{otto: "Konstantly ECGrid", mina: "Konstantly sFOX"}); err != nil {
		return err
	}
	say("Every request that changed anything, from the vendors' own log:\n\n%s", indent(strings.Join(d.changes(), "\n")))
	say("At Skillable, the second closing call proves the first one: it found no record.")
	return nil
}

// show prints who has an open account where, as the vendors' lists say. It returns an error if
// these are not the vendors named for each person.
func (d *demo) show(ctx context.Context, open map[string]string) error {
	accounts, err := d.lists.all(ctx)
	if err != nil {
		return err
	}
	say("%s", d.lists.table(accounts))
	for _, person := range []string{ines, otto, mina} {
		var at []string
		for _, a := range accounts {
			if a.email == person && a.open {
				at = append(at, a.vendor)
			}
		}
		if got := strings.Join(at, " "); got != open[person] {
			return fmt.Errorf("the vendors' lists show %s as open at %q, want %q", person, got, open[person])
		}
	}
	return nil
}

// changes returns the requests so far that changed an account.
func (d *demo) changes() []string {
	var lines []string
	requests := d.mock.Requests()
	for i := range requests {
		if r := &requests[i]; r.Change {
			lines = append(lines, fmt.Sprintf("%-10s  %d  %-6s  %s", r.Vendor, r.Status, r.Method, r.Path))
		}
	}
	return lines
}
