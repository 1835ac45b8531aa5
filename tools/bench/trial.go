//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// operation is a command that is measured.
type operation string

// The operations, in the order in which they are measured.
const (
	importing  operation = "import"
	planning   operation = "plan"
	destroying operation = "destroy"
)

var operations = []operation{importing, planning, destroying}

// trial compares the variants with one number of users.
type trial struct {
	users    int
	form     string // of the configuration, if all variants have the same special one
	latency  time.Duration
	repeats  map[operation]int
	variants []variant
}

// samples are the costs that were measured, by operation and name of the variant.
type samples map[operation]map[string][]cost

// The files of a variant's directory.
const (
	configFile   = "main.tf"
	importsFile  = "imports.tf"
	backendFile  = "backend.tf"
	stateFile    = "terraform.tfstate"
	importedFile = "imported.json" // the state after the import
)

// measure runs all operations. The variants take turns. So other work of the machine affects all of
// them.
func (t *trial) measure(ctx context.Context, r *runner, progress io.Writer) (samples, error) {
	all := samples{}
	for _, op := range operations {
		all[op] = map[string][]cost{}
		for turn := range t.repeats[op] {
			for i := range t.variants {
				v := &t.variants[i]
				if !v.takesPart(op, turn) {
					continue
				}
				c, err := t.once(ctx, r, op, v, filepath.Join(r.dir, fmt.Sprintf("%d-%d", t.users, i)))
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(progress, "%s, %s %d of %d, %s: %.2f s\n",
					t.size(), op, turn+1, t.repeats[op], v.name, c.wall.Seconds())
				all[op][v.name] = append(all[op][v.name], c)
			}
		}
	}
	return all, nil
}

// once measures one operation with new vendors. It returns an error if the operation did not do its
// work.
func (t *trial) once(ctx context.Context, r *runner, op operation, v *variant, dir string) (cost, error) {
	ids := r.newVendors(t.users, t.latency)
	switch op {
	case importing:
		return t.importUsers(ctx, r, v, dir, ids)
	case planning:
		return r.command(ctx, v, dir, "plan", "-input=false", "-no-color", "-detailed-exitcode") // fails if there is a change
	case destroying:
	}
	if err := r.restoreState(v, dir); err != nil {
		return cost{}, err
	}
	command, err := v.destroy(dir)
	if err != nil {
		return cost{}, err
	}
	c, err := r.command(ctx, v, dir, command, "-input=false", "-no-color", "-auto-approve")
	if open := r.openUsers(); err == nil && v.closes && open > 0 {
		return cost{}, fmt.Errorf("%s has left %d users open", v.name, open)
	}
	return c, err
}

// importUsers measures an import into an empty state.
func (t *trial) importUsers(ctx context.Context, r *runner, v *variant, dir string, ids []int64) (cost, error) {
	config, imports := v.users(ids)
	err := errors.Join(
		os.RemoveAll(dir), os.Mkdir(dir, 0o700),
		os.WriteFile(filepath.Join(dir, configFile), []byte(config), 0o600),
		os.WriteFile(filepath.Join(dir, importsFile), []byte(imports), 0o600),
		r.initBackend(ctx, v, dir),
	)
	if err != nil {
		return cost{}, err
	}
	c, err := r.command(ctx, v, dir, "apply", "-input=false", "-no-color", "-auto-approve")
	if err != nil {
		return cost{}, err
	}
	return c, errors.Join(os.Remove(filepath.Join(dir, importsFile)), r.keepState(v, dir))
}

// size returns the number of users in words.
func (t *trial) size() string {
	switch {
	case t.users == 1:
		return "1 user"
	case t.users >= 1000:
		return fmt.Sprintf("%d,%03d users", t.users/1000, t.users%1000)
	}
	return fmt.Sprintf("%d users", t.users)
}
