package awsjson

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server serves one [Service] or several on a port of the loopback interface.
type Server struct {
	// URL is the address, such as "http://127.0.0.1:40123".
	URL string

	http   *http.Server
	other  atomic.Pointer[http.Handler]
	cancel context.CancelFunc
	calls  sync.RWMutex // read-locked by each running call
	served chan struct{}
	close  sync.Once
}

// Listen starts a server of the services. A call belongs to the service that its
// target starts with, and to the first if it belongs to none.
func Listen(service *Service, others ...*Service) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		URL:    "http://" + listener.Addr().String(),
		cancel: cancel,
		served: make(chan struct{}),
	}
	s.http = &http.Server{
		ReadHeaderTimeout: time.Minute,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.calls.RLock()
			defer s.calls.RUnlock()
			if ctx.Err() != nil {
				panic(http.ErrAbortHandler)
			}
			target := r.Header.Get("X-Amz-Target")
			if other := s.other.Load(); other != nil && target == "" && r.URL.Path != "/" {
				(*other).ServeHTTP(w, r)
				return
			}
			serving := service
			for _, other := range others {
				if _, ok := other.operationOf(target); ok {
					serving = other
				}
			}
			serving.ServeHTTP(w, r)
		}),
	}
	go func() {
		defer close(s.served)
		s.http.Serve(listener) // returns when the server is closed
	}()
	return s, nil
}

// HandleOther makes the handler serve the requests that have a path and no target,
// such as those of S3.
func (s *Server) HandleOther(h http.Handler) { s.other.Store(&h) }

// Close closes the port and all connections. Calls that wait for their
// latency end without a reply.
func (s *Server) Close() {
	s.close.Do(func() {
		s.cancel()
		s.http.Close()
		<-s.served
	})
}

// Wait returns when no call runs any more, which is soon after Close when
// operations return once their context has ended.
func (s *Server) Wait() {
	s.calls.Lock()
	defer s.calls.Unlock()
}
