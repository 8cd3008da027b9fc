package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	transfertypes "github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// store is the client of S3 for the transfer manager. It repeats a call once if
// the credentials have expired meanwhile.
type store struct {
	api         S3API
	credentials *provider
	download    int64 // bytes of an object that is got

	mu   sync.Mutex
	body error // of the last reply that could not be read
}

// Transfers of one artifact. An upload holds a part for each call in flight,
// and three more, in memory.
const (
	partSize        = 8 << 20
	transfersAtOnce = 4
	partTries       = 8 // of a part whose connection is lost
)

// store returns the client of S3, which gets objects of at most that size.
func (j *Job) store(download int64) (*store, error) {
	api, err := j.s3()
	if err != nil {
		return nil, err
	}
	return &store{api: api, credentials: j.credentials, download: download}, nil
}

func (s *store) transfers() *transfermanager.Client {
	return transfermanager.New(s, func(o *transfermanager.Options) {
		o.GetObjectType = transfertypes.GetObjectRanges
		o.PartSizeBytes = partSize
		o.MultipartUploadThreshold = partSize
		o.Concurrency = transfersAtOnce
		o.PartBodyMaxRetries = partTries
		o.FailTimeout = abortTimeout
	})
}

var _ transfermanager.S3APIClient = (*store)(nil)

// errNotUsed is the error of the calls that the transfer manager does not make
// for single objects.
var errNotUsed = errors.New("action: the call is not used")

func (s *store) HeadObject(context.Context, *awss3.HeadObjectInput, ...func(*awss3.Options)) (*awss3.HeadObjectOutput, error) {
	return nil, errNotUsed
}

func (s *store) ListObjectsV2(context.Context, *awss3.ListObjectsV2Input, ...func(*awss3.Options)) (*awss3.ListObjectsV2Output, error) {
	return nil, errNotUsed
}

func (s *store) PutObject(ctx context.Context, in *awss3.PutObjectInput, optFns ...func(*awss3.Options)) (*awss3.PutObjectOutput, error) {
	return call(ctx, s, in, in.Body, s.api.PutObject, optFns)
}

func (s *store) CreateMultipartUpload(ctx context.Context, in *awss3.CreateMultipartUploadInput, optFns ...func(*awss3.Options)) (*awss3.CreateMultipartUploadOutput, error) {
	return call(ctx, s, in, nil, s.api.CreateMultipartUpload, optFns)
}

func (s *store) UploadPart(ctx context.Context, in *awss3.UploadPartInput, optFns ...func(*awss3.Options)) (*awss3.UploadPartOutput, error) {
	return call(ctx, s, in, in.Body, s.api.UploadPart, optFns)
}

func (s *store) CompleteMultipartUpload(ctx context.Context, in *awss3.CompleteMultipartUploadInput, optFns ...func(*awss3.Options)) (*awss3.CompleteMultipartUploadOutput, error) {
	return call(ctx, s, in, nil, s.api.CompleteMultipartUpload, optFns)
}

func (s *store) AbortMultipartUpload(ctx context.Context, in *awss3.AbortMultipartUploadInput, optFns ...func(*awss3.Options)) (*awss3.AbortMultipartUploadOutput, error) {
	return call(ctx, s, in, nil, s.api.AbortMultipartUpload, optFns)
}

// GetObject refuses an object that is too large with its first part.
func (s *store) GetObject(ctx context.Context, in *awss3.GetObjectInput, optFns ...func(*awss3.Options)) (*awss3.GetObjectOutput, error) {
	out, err := call(ctx, s, in, nil, s.api.GetObject, optFns)
	if err != nil {
		return nil, err
	}
	size := aws.ToInt64(out.ContentLength)
	if _, total, ok := strings.Cut(aws.ToString(out.ContentRange), "/"); ok {
		if size, err = strconv.ParseInt(total, 10, 64); err != nil {
			out.Body.Close()
			return nil, fmt.Errorf("the reply tells no size: %w", err)
		}
	}
	if size > s.download {
		out.Body.Close()
		return nil, fmt.Errorf("it has %d bytes, over the limit of %d (Limits.Download)", size, s.download)
	}
	out.Body = &body{out.Body, s}
	return out, nil
}

// body keeps the error of a reply that cannot be read, which the transfer
// manager does not wrap.
type body struct {
	io.ReadCloser
	store *store
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.store.mu.Lock()
		defer b.store.mu.Unlock()
		b.store.body = err
	}
	return n, err
}

// cause returns the error of a transfer with that of the reply in its chain.
func (s *store) cause(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil || s.body == nil || errors.Is(err, s.body) || !strings.Contains(err.Error(), s.body.Error()) {
		return err
	}
	return fmt.Errorf("read a part of the object: %w", s.body)
}

func call[In, Out any](ctx context.Context, s *store, in *In, body io.Reader,
	do func(context.Context, *In, ...func(*awss3.Options)) (*Out, error), optFns []func(*awss3.Options),
) (*Out, error) {
	generation, err := s.credentials.at(ctx)
	if err != nil {
		return nil, err
	}
	out, err := do(ctx, in, optFns...)
	if isExpired(err) && s.credentials.expire(ctx, generation) {
		if body, ok := body.(io.Seeker); ok {
			if _, err := body.Seek(0, io.SeekStart); err != nil {
				return nil, err
			}
		}
		out, err = do(ctx, in, optFns...)
	}
	if err == nil && out == nil { // an S3API that is no client of the SDK
		err = apierror.ErrNoReply
	}
	return out, err
}
