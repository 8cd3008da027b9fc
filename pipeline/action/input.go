package action

import (
	"context"
	"io/fs"
)

// Input returns the content of the input artifact of that name. The artifact
// is a zip, tar or tar.gz archive; which one is seen from its content.
func (j *Job) Input(ctx context.Context, name string) (fs.FS, error) {
	panic("not implemented")
}
