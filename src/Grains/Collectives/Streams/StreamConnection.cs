using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>One authenticated connection: a thread that reads and a thread that writes, each at its own pace.</summary>
internal sealed class StreamConnection : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly StreamSocket _socket;
    private readonly ILink _link;
    private readonly ParcelAssembly _assembly;
    private volatile bool _isGoodbyeSent;
    private volatile bool _isGoodbyeReceived;

    public StreamConnection(StreamSocket socket, ILink link)
    {
        _socket = socket;
        _link = link;
        _assembly = new ParcelAssembly(link.Services.Options);
        _stop.Token.UnsafeRegister(static box => ((Outbox)box!).Wake(), link.Outbox);
    }

    /// <summary>Whether a parcel or an acknowledgement got through.</summary>
    public bool MadeProgress { get; private set; }

    /// <summary>Whether the other side ended the connection because it has left.</summary>
    public bool PeerLeft => _isGoodbyeReceived;

    /// <summary>Works until the connection ends, whatever ends it.</summary>
    /// <returns>Why it ended; null when one side has left in order.</returns>
    public async Task<Exception?> RunAsync()
    {
        var problems = await Task.WhenAll(OnThread(Read), OnThread(Write));
        _assembly.Abandon();
        return Array.Find(problems, problem => problem is RejectedException) ?? Array.Find(problems, problem => problem is not null);
    }

    /// <summary>Ends the connection at once, whatever call its threads block in.</summary>
    public void Abort()
    {
        _stop.Cancel();
        _socket.Dispose();
    }

    /// <summary>As <see cref="Abort"/>, which may still be called after it: the source of <see cref="_stop"/> is left to the collector.</summary>
    public void Dispose() => Abort();

    private Task<Exception?> OnThread(Action work) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                work();
                return null;
            }
            catch (Exception exception)
            {
                Abort();
                return _isGoodbyeSent || _isGoodbyeReceived ? null : exception;
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Write()
    {
        var writer = new FrameWriter(_socket, _link.Run.Tag, _link.Run.Generation);
        while (true)
        {
            switch (_link.Outbox.WaitNext(_stop.Token, out var parcel, out var arrived))
            {
                case OutboxWork.Send:
                    try
                    {
                        writer.WriteParcel(parcel!, _link.Outbox);
                        writer.Flush();
                    }
                    finally
                    {
                        _link.Outbox.Release(parcel!);
                    }

                    break;
                case OutboxWork.Acknowledge:
                    writer.WriteAcknowledgement(arrived);
                    writer.Flush();
                    break;
                case OutboxWork.Done:
                    _isGoodbyeSent = true;
                    writer.WriteGoodbye();
                    writer.Flush();
                    _socket.EndSending();
                    return;
                default:
                    return;
            }
        }
    }

    private void Read()
    {
        var reader = new FrameReader(_socket);
        while (true)
        {
            _link.Run.Budget.WaitForRoom(_stop.Token);
            var header = reader.ReadHeader();
            switch (header.Type)
            {
                case FrameType.Parcel:
                    ReadPiece(reader, header);
                    break;
                case FrameType.Acknowledgement when IsCurrent(header):
                    MadeProgress |= _link.Outbox.Acknowledge(header.Sequence);
                    break;
                case FrameType.Goodbye when IsCurrent(header):
                    _isGoodbyeReceived = true;
                    Abort();
                    return;
                case FrameType.Acknowledgement or FrameType.Goodbye:
                    break;
                default:
                    throw new RejectedException(RejectReason.FrameType, $"a frame of type {(byte)header.Type}");
            }
        }
    }

    private void ReadPiece(FrameReader reader, in FrameHeader header)
    {
        if (!IsCurrent(header) || !_link.Inbound.IsNext(header))
        {
            reader.SkipPiece(header);
            return;
        }

        _link.CheckRanks(header);
        _assembly.Begin(header);
        reader.ReadPiece(header, _assembly);
        if (_assembly.End() is { } parcel)
        {
            _link.Inbound.Accept(header, parcel);
            MadeProgress = true;
            _link.Outbox.NoteArrived(_link.Inbound.Last);
        }
    }

    private bool IsCurrent(in FrameHeader header)
    {
        if (header.Run == _link.Run.Tag && header.Generation == _link.Run.Generation)
        {
            return true;
        }

        _link.Services.Counters.AddStale();
        return false;
    }
}
