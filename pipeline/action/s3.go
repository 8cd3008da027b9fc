package action

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/internal/sdkhttp"
)

// S3API has the operations of S3 that a [Job] calls. [*awss3.Client] implements
// it. A fake for tests embeds the interface and implements the operations that it
// needs: the interface may grow.
type S3API interface {
	AbortMultipartUpload(context.Context, *awss3.AbortMultipartUploadInput, ...func(*awss3.Options)) (*awss3.AbortMultipartUploadOutput, error)
	CompleteMultipartUpload(context.Context, *awss3.CompleteMultipartUploadInput, ...func(*awss3.Options)) (*awss3.CompleteMultipartUploadOutput, error)
	CreateMultipartUpload(context.Context, *awss3.CreateMultipartUploadInput, ...func(*awss3.Options)) (*awss3.CreateMultipartUploadOutput, error)
	GetObject(context.Context, *awss3.GetObjectInput, ...func(*awss3.Options)) (*awss3.GetObjectOutput, error)
	PutObject(context.Context, *awss3.PutObjectInput, ...func(*awss3.Options)) (*awss3.PutObjectOutput, error)
	UploadPart(context.Context, *awss3.UploadPartInput, ...func(*awss3.Options)) (*awss3.UploadPartOutput, error)
}

var _ S3API = (*awss3.Client)(nil)

// S3 returns what [JobOptions.S3] takes: clients with the configuration, but
// with a job's credentials instead of its own. The Region is that of the
// pipeline's action. The clients share their connections: call S3 once for all
// jobs.
func S3(cfg aws.Config, optFns ...func(*awss3.Options)) func(aws.CredentialsProvider) S3API {
	cfg = cfg.Copy()
	cfg.APIOptions = append(cfg.APIOptions, sdkhttp.APIOption)
	// Left to itself, each client has connections of its own, which outlive it.
	shared := awss3.NewFromConfig(cfg, optFns...).Options().HTTPClient
	return func(credentials aws.CredentialsProvider) S3API {
		cfg := cfg.Copy()
		cfg.Credentials = credentials
		return awss3.NewFromConfig(cfg, append(slices.Clip(optFns), func(o *awss3.Options) {
			o.HTTPClient = shared
			// Parts of an object have no checksum, which the SDK would log each time.
			o.DisableLogOutputChecksumValidationSkipped = true
		})...)
	}
}
