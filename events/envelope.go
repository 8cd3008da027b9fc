package events

import "strings"

// snsMessage is an SNS message, sqsRecord an SQS message as Lambda gets them.
type (
	snsMessage struct {
		SNSDelivery
		Message string `event:"Message"`
	}
	snsRecord struct {
		SubscriptionARN string      `event:"EventSubscriptionArn"`
		SNS             *snsMessage `event:"Sns"`
	}
	sqsRecord struct {
		SQSDelivery
		Body string `event:"body"`
	}
)

// records decodes {"Records": [...]}.
func (w *walker) records(d *scanner) error {
	more, err := d.open('{')
	seen := false
	for more && err == nil {
		var key string
		if key, err = d.key(); err != nil {
			return err
		}
		switch {
		case key != "Records":
			_, err = d.value()
		case seen:
			return at(key, d.fail("the member appears twice"))
		default:
			seen = true
			found := len(w.items)
			if err = w.at(key, found, w.array(d)); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		more, err = d.next('{')
	}
	return err
}

// record decodes an element of Records.
func (w *walker) record(d *scanner, name typeName) error {
	switch name.source {
	case "aws:codecommit":
		return w.event(d, &RepositoryTrigger{})
	case "aws:s3":
		return w.event(d, &S3Notification{})
	case "aws:sns":
		return w.snsRecord(d)
	case "aws:sqs":
		return w.sqsRecord(d)
	}
	text, err := d.value()
	if err == nil {
		w.add(&Unknown{}, text)
	}
	return err
}

func (w *walker) snsRecord(d *scanner) error {
	var r snsRecord
	if err := read(d, &r); err != nil {
		return err
	}
	if r.SNS == nil {
		return at("Sns", d.fail("missing"))
	}
	r.SNS.SubscriptionARN = r.SubscriptionARN
	found := len(w.items)
	return w.at("Sns", found, w.snsMessage(r.SNS))
}

// sns decodes an SNS message that is no record.
func (w *walker) sns(d *scanner) error {
	start := d.i
	var m snsMessage
	if err := read(d, &m); err != nil {
		return err
	}
	if strings.HasSuffix(m.Type, "Confirmation") { // of a subscription or its end
		w.delivery.SNS = &m.SNSDelivery
		w.add(&Unknown{}, d.s[start:d.i])
		return nil
	}
	return w.snsMessage(&m)
}

func (w *walker) snsMessage(m *snsMessage) error {
	w.delivery.SNS = &m.SNSDelivery
	found := len(w.items)
	return w.at("Message", found, w.message(m.Message))
}

func (w *walker) sqsRecord(d *scanner) error {
	var r sqsRecord
	if err := read(d, &r); err != nil {
		return err
	}
	if r.MessageID == "" {
		return at("messageId", d.fail("missing"))
	}
	if w.delivery.SQS == nil { // else it is a batch inside a message, and the message is what SQS knows
		w.delivery.SQS = &r.SQSDelivery
		w.sqs = w.sqs || w.depth <= 1
	}
	found := len(w.items)
	return w.at("body", found, w.message(r.Body))
}
