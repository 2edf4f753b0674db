namespace Lcnn.Distributed.Data.Downloads;

/// <summary>How far the download of one file is.</summary>
public readonly record struct DownloadProgress(string FileName, long ReceivedBytes, long TotalBytes);
