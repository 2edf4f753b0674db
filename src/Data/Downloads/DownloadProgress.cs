namespace Lcnn.Distributed.Data.Downloads;

/// <summary>How far the download of one file is, or the decoding of a user's own images.</summary>
/// <param name="FileName">The file, or the path of the images.</param>
/// <param name="ReceivedBytes">That are here; 0 of images.</param>
/// <param name="TotalBytes">Of the file; 0 of images.</param>
/// <param name="DecodedImages">So far; 0 of a download.</param>
public readonly record struct DownloadProgress(string FileName, long ReceivedBytes, long TotalBytes, int DecodedImages = 0);
