package codecommit

import (
	"context"
	"io"
	"net/http"
	"strings"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// MaxBlobSize is the most content that the API returns, in bytes.
const MaxBlobSize = 6 * 1024 * 1024

// Blob returns the content of the blob of the ID, with a call of GetBlob. The
// content is checked against the ID: other content is an [*IntegrityError].
// Content over [MaxBlobSize] is an error that wraps [ErrTooLarge], a blob that
// does not exist one that wraps [io/fs.ErrNotExist].
//
// The reply is decoded as it arrives: a call costs the memory of the content
// once, not of its base64 and JSON forms.
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

// blobDecoder is a middleware next to the wire that takes the content out of
// GetBlob's reply. What it does not know it leaves to the SDK.
type blobDecoder struct{ content []byte }

func (*blobDecoder) ID() string { return "codesuiteBlobDecoder" }

func (d *blobDecoder) option(o *awscodecommit.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(d, middleware.After)
	})
}

func (d *blobDecoder) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	d.content = nil // of an earlier attempt
	out, metadata, err := next.HandleDeserialize(ctx, in)
	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok || resp.StatusCode != http.StatusOK {
		return out, metadata, err
	}
	body := resp.Body
	content, rest, err := decodeBlobReply(body, resp.ContentLength)
	if err != nil {
		return out, metadata, &smithy.DeserializationError{Err: err}
	}
	d.content = content
	resp.Body = struct {
		io.Reader
		io.Closer
	}{rest, body}
	return out, metadata, nil
}

// emptyReply is what the SDK decodes once the content is taken out.
func emptyReply() io.Reader { return strings.NewReader("{}") }
