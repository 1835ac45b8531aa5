package evidence

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

func (p *filePlace) check(ctx context.Context) error {
	err := p.use(ctx, os.O_RDWR|os.O_APPEND, func(*os.File) error { return nil })
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// There is no file yet, so one must be possible in its folder.
	file, err := os.CreateTemp(filepath.Dir(target(p.path)), ".offboard-")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// maxLinks is how many symbolic links are followed, as by the operating system.
const maxLinks = 40

// target returns where a file with this path would be made. A symbolic link may lead to a file that
// does not exist yet.
func target(path string) string {
	for range maxLinks {
		to, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return path
}
