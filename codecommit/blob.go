package codecommit

import (
	"context"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// MaxBlobSize is the most content that the API returns, in bytes.
const MaxBlobSize = 6 * 1024 * 1024

// Blob returns the content of the blob with the ID, with a call of GetBlob. The
// content is checked against the ID: other content is an [*IntegrityError].
// Content over [MaxBlobSize] is an error that wraps [ErrTooLarge], a blob that
// does not exist one that wraps [io/fs.ErrNotExist].
//
// The reply is decoded as it arrives: a call takes the memory of the content once,
// without its base64 and JSON forms.
func (r *Repository) Blob(ctx context.Context, id string) ([]byte, error) {
	out, err := call(ctx, r, "GetBlob", id,
		func(ctx context.Context, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetBlobOutput, error) {
			d := new(blobDecoder)
			out, err := r.api.GetBlob(ctx, &awscodecommit.GetBlobInput{
				RepositoryName: &r.name, BlobId: &id,
			}, append(optFns, d.option)...)
			if err == nil && out != nil && d.content != nil {
				out.Content = d.content
			}
			return out, err
		})
	if err != nil {
		return nil, err
	}
	content := out.Content
	if !r.options.SkipVerify {
		if got := gitobj.BlobID(content); got != id {
			return nil, &IntegrityError{Want: id, Got: got}
		}
	}
	return content, nil
}

// BlobRef names a file over the API's limit, for those who get it elsewhere.
type BlobRef struct {
	Repository string
	Commit     string // commit ID
	Path       string // in the repository
	ID         string // blob ID

	// Others are the IDs of other files over the limit that are known so far and
	// still needed. Who fetches several at once saves requests. More may follow.
	Others []string
}
